# SPDX-License-Identifier: GPL-3.0-or-later
# Copies the tests from SOURCE to TARGET and installs what package-lock.json names there, unless it is there already.
file(GLOB programs ${SOURCE}/*.mjs)
file(COPY ${programs} ${SOURCE}/package.json ${SOURCE}/package-lock.json DESTINATION ${TARGET})
if(EXISTS ${SOURCE}/support)
    file(COPY ${SOURCE}/support DESTINATION ${TARGET})
endif()

set(installed ${TARGET}/node_modules/installed.json)
if(EXISTS ${installed})
    file(SHA256 ${installed} there)
    file(SHA256 ${SOURCE}/package-lock.json wanted)
    if(there STREQUAL wanted)
        return()
    endif()
endif()

execute_process(COMMAND ${NPM} ci --no-audit --no-fund --ignore-scripts WORKING_DIRECTORY ${TARGET}
                RESULT_VARIABLE failed)
if(failed)
    message(FATAL_ERROR "npm ci failed: ${failed}")
endif()
file(COPY_FILE ${SOURCE}/package-lock.json ${installed})
