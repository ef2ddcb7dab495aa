// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "support/daemon.h"
#include "support/socket.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

namespace keymux::testing {

/// A certificate authority of a test's own, made by openssl in a folder of its own.
class PrivateCa {
public:
    explicit PrivateCa(const std::filesystem::path &folder) : m_folder(folder)
    {
        std::filesystem::create_directories(folder);
        m_made = run({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                      "-subj", "/CN=Keymux test CA", "-keyout", path("ca.key"), "-out", path("ca.pem")});
    }

    bool made() const { return m_made; }
    std::string file() const { return path("ca.pem"); }

    /// Signs NAME.pem and NAME.key for the names, such as `DNS:localhost,IP:127.0.0.1`.
    bool sign(const std::string &name, const std::string &names) const
    {
        std::ofstream(path(name + ".ext")) << "subjectAltName=" << names << "\n";
        return run({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + name,
                    "-keyout", path(name + ".key"), "-out", path(name + ".csr")}) &&
               run({"x509", "-req", "-in", path(name + ".csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"),
                    "-CAcreateserial", "-days", "2", "-extfile", path(name + ".ext"), "-out", path(name + ".pem")});
    }
    std::string path(const std::string &name) const { return (m_folder / name).string(); }

private:
    static bool run(std::vector<std::string> arguments)
    {
        arguments.insert(arguments.begin(), "/usr/bin/openssl");
        Process process(arguments, {"PATH=/usr/bin:/bin", "HOME=/tmp"});
        return process.wait() == 0;
    }

    std::filesystem::path m_folder;
    bool m_made = false;
};

/// A real nginx that serves TLS in front of a plain server, with HTTP/2 or without. It tells in `x-protocol` what was
/// spoken, and in `x-connection` on which connection.
class TlsNginx {
public:
    static bool installed() { return std::filesystem::exists(program) && std::filesystem::exists("/usr/bin/openssl"); }

    TlsNginx(const std::filesystem::path &folder, const PrivateCa &ca, const std::string &certificate,
             std::uint16_t upstreamPort, bool http2 = true)
    {
        // A port of its own has to be named in the file: one that was free a moment ago, and another one when it is
        // not.
        for (int attempt = 0; attempt < 5 && !m_ready; ++attempt) {
            m_port = Socket::listening().port();
            write(folder, ca, certificate, upstreamPort, http2);
            m_process = std::make_unique<Process>(
                std::vector<std::string>{program, "-p", folder.string(), "-c", "nginx.conf", "-e", "stderr"},
                std::vector<std::string>{"PATH=/usr/bin:/bin"});
            while (!m_ready && m_process->running())
                m_ready = Socket::connected("127.0.0.1", m_port).valid();
        }
    }

    bool ready() const { return m_ready; }
    std::uint16_t port() const { return m_port; }
    /// With that name for a host.
    std::string url(const std::string &host = "127.0.0.1") const
    {
        return "https://" + host + ":" + std::to_string(m_port) + "/v1beta/openai";
    }
    std::string log() const { return m_process->err(); }

private:
    static constexpr const char *program = "/usr/sbin/nginx";

    void write(const std::filesystem::path &folder, const PrivateCa &ca, const std::string &certificate,
               std::uint16_t upstreamPort, bool http2) const
    {
        std::filesystem::create_directories(folder / "tmp");
        std::ofstream file(folder / "nginx.conf");
        file << "daemon off; master_process off; error_log stderr warn; pid nginx.pid;\n"
             << "events {}\nhttp {\n  access_log off;\n";
        for (const char *kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
            file << "  " << kind << "_temp_path tmp;\n";
        file << "  server {\n    listen 127.0.0.1:" << m_port << " ssl" << (http2 ? " http2" : "") << ";\n"
             << "    ssl_certificate " << ca.path(certificate + ".pem") << ";\n"
             << "    ssl_certificate_key " << ca.path(certificate + ".key") << ";\n"
             << "    add_header x-protocol $server_protocol always;\n"
             << "    add_header x-connection $connection always;\n"
             << "    location / {\n      proxy_pass http://127.0.0.1:" << upstreamPort << ";\n"
             << "      proxy_http_version 1.1; proxy_buffering off; proxy_set_header Connection \"\";\n"
             << "    }\n  }\n}\n";
    }

    std::uint16_t m_port = 0;
    std::unique_ptr<Process> m_process;
    bool m_ready = false;
};

} // namespace keymux::testing
