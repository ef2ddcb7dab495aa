// SPDX-License-Identifier: GPL-3.0-or-later
#include "metrics/processfamilies.h"

#include <cstdio>
#include <dirent.h>
#include <optional>
#include <sys/resource.h>
#include <unistd.h>

namespace keymux {

namespace {

struct Memory {
    double virtualBytes = 0, residentBytes = 0;
};

std::optional<Memory> memory()
{
    std::FILE *file = std::fopen("/proc/self/statm", "re");
    if (!file)
        return std::nullopt;
    char line[128] = {};
    const bool read = std::fgets(line, sizeof line, file) != nullptr;
    std::fclose(file);
    unsigned long pages = 0, resident = 0;
    if (!read || std::sscanf(line, "%lu %lu", &pages, &resident) != 2) // NOLINT(cert-err34-c): the kernel wrote it
        return std::nullopt;
    const auto pageSize = double(sysconf(_SC_PAGESIZE));
    return Memory{double(pages) * pageSize, double(resident) * pageSize};
}

std::optional<double> openFiles()
{
    DIR *dir = opendir("/proc/self/fd");
    if (!dir)
        return std::nullopt;
    int count = -3; // `.`, `..` and the directory itself
    while (readdir(dir))
        ++count;
    closedir(dir);
    return count;
}

double secondsOf(const timeval &time)
{
    return double(time.tv_sec) + double(time.tv_usec) / 1e6;
}

} // namespace

void addProcessFamilies(MetricFamilies &families, TimePoint startedAt, SeriesLimit &limit)
{
    using prometheus::MetricType;
    const auto add = [&](MetricType type, const char *name, const char *help, double value) {
        StateFamily(limit, type, name, help).set(value).moveTo(families);
    };
    rusage usage{};
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        add(MetricType::Counter, "process_cpu_seconds_total", "Processor time used, user and system.",
            secondsOf(usage.ru_utime) + secondsOf(usage.ru_stime));
    if (const auto used = memory()) {
        add(MetricType::Gauge, "process_resident_memory_bytes", "Resident memory.", used->residentBytes);
        add(MetricType::Gauge, "process_virtual_memory_bytes", "Virtual memory.", used->virtualBytes);
    }
    if (const auto open = openFiles())
        add(MetricType::Gauge, "process_open_fds", "Open files, sockets among them.", *open);
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0)
        add(MetricType::Gauge, "process_max_fds", "How many files may be open.", double(files.rlim_cur));
    add(MetricType::Gauge, "process_start_time_seconds", "When the server started, in seconds since 1970.",
        double(startedAt.time_since_epoch().count()) / 1000);
}

} // namespace keymux
