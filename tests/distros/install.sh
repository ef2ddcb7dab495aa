# SPDX-License-Identifier: GPL-3.0-or-later
# How long the packages take to install, each in a root that has nothing of it, with everything downloaded before: read by
# `run`, which has set $root, $suite, $folder and the functions used here.
for package in "${packages[@]}"; do
    name=$(basename "${package%%_*}")
    root=$folder/$suite.$name
    clean_root
    enter
    cp "$package" "$root/tmp/$name.deb"
    say "$name"
    inside "apt-get update -qq
        apt-get install -y -qq --no-install-recommends --download-only /tmp/$name.deb >/dev/null
        before=\$(dpkg-query -W | wc -l)
        start=\$(date +%s.%N)
        apt-get install -y -qq --no-install-recommends /tmp/$name.deb >/dev/null
        all=\$(date +%s.%N)
        printf '$name: all %.1f s, %d packages\n' \"\$(echo \"\$all \$start\" | awk '{ print \$1 - \$2 }')\" \$((\$(dpkg-query -W | wc -l) - before))
        start=\$(date +%s.%N)
        dpkg -i /tmp/$name.deb >/dev/null
        printf '$name: alone %.1f s\n' \"\$(echo \"\$(date +%s.%N) \$start\" | awk '{ print \$1 - \$2 }')\""
done
