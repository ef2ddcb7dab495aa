# SPDX-License-Identifier: GPL-3.0-or-later
# Every target links keymux_flags, so a flag is written once.
add_library(keymux_flags INTERFACE)
target_compile_options(keymux_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wno-missing-field-initializers
    -fstack-protector-strong
    $<$<BOOL:${KEYMUX_WERROR}>:-Werror>)
target_compile_definitions(keymux_flags INTERFACE
    QT_NO_CAST_FROM_ASCII QT_NO_CONTEXTLESS_CONNECT QT_NO_FOREACH QT_NO_KEYWORDS
    KEYMUX_VERSION="${PROJECT_VERSION}")
if(KEYMUX_SANITIZE)
    target_compile_options(keymux_flags INTERFACE -fsanitize=${KEYMUX_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(keymux_flags INTERFACE -fsanitize=${KEYMUX_SANITIZE})
endif()

# A folder is a library: every .cpp in it, linked to exactly the libraries named.
function(keymux_library name)
    cmake_parse_arguments(ARG "NO_MOC" "" "LINK" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp ${CMAKE_CURRENT_SOURCE_DIR}/*.h)
    if(NOT sources)
        add_library(${name} INTERFACE)
        return()
    endif()
    add_library(${name} STATIC ${sources})
    set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX)
    if(NOT ARG_NO_MOC)
        set_target_properties(${name} PROPERTIES AUTOMOC ON)
    endif()
    target_link_libraries(${name} PUBLIC keymux_flags ${ARG_LINK})
endfunction()
