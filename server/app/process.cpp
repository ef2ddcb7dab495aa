// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/process.h"

#include <csignal>
#include <sys/resource.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace keymux {

void raiseOpenFilesLimit()
{
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

void forbidCoreDumps()
{
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
    // Covers the case where core_pattern is a pipe, which ignores the limit; leak checkers need to be able to trace the
    // process.
    prctl(PR_SET_DUMPABLE, 0);
#endif
}

void ignoreBrokenPipes()
{
    std::signal(SIGPIPE, SIG_IGN);
}

} // namespace keymux
