// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/keyprobes.h"
#include "app/serve.h"
#include "cli/commandline.h"

#include <iostream>

int main(int argc, char **argv)
{
    return keymux::runCommandLine(
        argc, argv, {.serve = keymux::serve, .probeKeys = keymux::probeKeys, .out = std::cout, .err = std::cerr});
}
