# SPDX-License-Identifier: GPL-3.0-or-later
# The packages for every system; what Windows and macOS want besides is in generators.cmake.
set(CPACK_PACKAGE_NAME keymux)
set(CPACK_PACKAGE_VENDOR "Keymux")
set(CPACK_PACKAGE_CONTACT "Keymux maintainers <maintainers@keymux.invalid>")
set(CPACK_PACKAGE_HOMEPAGE_URL "")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "gateway that puts many LLM provider keys behind one")
set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_COMPONENTS_ALL server)
if(KEYMUX_DESKTOP)
    list(APPEND CPACK_COMPONENTS_ALL admin)
endif()
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)
set(CPACK_COMPONENT_SERVER_DESCRIPTION
    "Keymux takes requests from any OpenAI-compatible client, picks the best\nprovider key and model that still has room, falls back when one is limited,\ncools it down and takes it back.")

set(CPACK_COMPONENT_ADMIN_DESCRIPTION
    "The desktop of Keymux: edits the pools of its gateways, keeps their secrets in\nthe keychain, makes virtual keys and shows live how much room every key has.")

set(CPACK_COMPONENT_SERVER_DISPLAY_NAME "Gateway (keymuxd)")
set(CPACK_COMPONENT_ADMIN_DISPLAY_NAME "Desktop (keymux-admin)")
# A program with an entry in the menu, where the package makes that entry (Windows).
set(CPACK_PACKAGE_EXECUTABLES keymux-admin Keymux)
# What holds for one generator alone.
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_CURRENT_LIST_DIR}/generators.cmake)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_SERVER_PACKAGE_NAME keymux-server)
set(CPACK_DEBIAN_SERVER_PACKAGE_SHLIBDEPS ON)
# Loaded while running, so no tool sees them: SQLite's driver, the providers' certificate authorities, the zones in which their days begin.
set(CPACK_DEBIAN_SERVER_PACKAGE_DEPENDS "libqt6sql6-sqlite, ca-certificates, tzdata, systemd")
set(CPACK_DEBIAN_SERVER_PACKAGE_CONTROL_EXTRA
    "${CMAKE_CURRENT_LIST_DIR}/linux/debian/postinst;${CMAKE_CURRENT_LIST_DIR}/linux/debian/prerm;${CMAKE_CURRENT_LIST_DIR}/linux/debian/postrm")
set(CPACK_DEBIAN_SERVER_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_ADMIN_PACKAGE_NAME keymux-admin)
set(CPACK_DEBIAN_ADMIN_PACKAGE_SHLIBDEPS ON)
# The platform's own look and Qt's translations; a gateway on this computer, and a keychain to keep secrets in.
set(CPACK_DEBIAN_ADMIN_PACKAGE_DEPENDS "qt6-qpa-plugins")
set(CPACK_DEBIAN_ADMIN_PACKAGE_RECOMMENDS "keymux-server, gnome-keyring | kwalletmanager | keepassxc, qt6-translations-l10n")

set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_RPM_ADMIN_PACKAGE_NAME keymux-admin)
set(CPACK_RPM_ADMIN_PACKAGE_REQUIRES "qt6-qtbase-gui")
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_LICENSE GPL-3.0-or-later)
set(CPACK_RPM_SERVER_PACKAGE_NAME keymux-server)
set(CPACK_RPM_SERVER_PACKAGE_REQUIRES "qt6-qtbase, ca-certificates, tzdata, systemd")
set(CPACK_RPM_SERVER_POST_INSTALL_SCRIPT_FILE ${CMAKE_CURRENT_LIST_DIR}/linux/rpm-post.sh)
set(CPACK_RPM_SERVER_PRE_UNINSTALL_SCRIPT_FILE ${CMAKE_CURRENT_LIST_DIR}/linux/rpm-preun.sh)
# Folders that belong to the system's own packages.
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /usr/lib /usr/lib/systemd /usr/lib/systemd/system /usr/lib/sysusers.d /usr/lib/tmpfiles.d
    /usr/share/bash-completion /usr/share/bash-completion/completions /usr/share/zsh /usr/share/zsh/vendor-completions
    /usr/share/fish /usr/share/fish/vendor_completions.d /usr/share/applications /usr/share/metainfo
    /usr/share/icons /usr/share/icons/hicolor /usr/share/icons/hicolor/scalable /usr/share/icons/hicolor/scalable/apps /usr/share/man /usr/share/man/man1 /usr/share/doc)
set(CPACK_KEYMUX_ICONS ${CMAKE_CURRENT_BINARY_DIR})
include(CPack)
