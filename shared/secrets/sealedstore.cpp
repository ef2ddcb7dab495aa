// SPDX-License-Identifier: GPL-3.0-or-later
#include "secrets/sealedstore.h"

#include "core/matching.h"
#include "secrets/privatefile.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace keymux {

namespace {

constexpr off_t maxFileBytes = 256 << 20;
constexpr auto lockPatience = std::chrono::seconds(2);

/// The whole file; empty errno text when it is not there.
struct FileText {
    bool there = false;
    std::string text, error;
};

FileText textOf(const std::string &path)
{
    FileText result;
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        result.there = errno != ENOENT;
        result.error = result.there ? std::strerror(errno) : "";
        return result;
    }
    result.there = true;
    struct stat file {};
    if (fstat(fd, &file) != 0 || !S_ISREG(file.st_mode) || file.st_size > maxFileBytes) {
        result.error = "it is no regular file of at most 256 MiB";
    } else {
        result.text.resize(std::size_t(file.st_size));
        std::size_t got = 0;
        ssize_t now = 0;
        while (got < result.text.size() && (now = ::read(fd, result.text.data() + got, result.text.size() - got)) > 0)
            got += std::size_t(now);
        if (now < 0)
            result.error = std::strerror(errno);
        result.text.resize(got);
    }
    close(fd);
    return result;
}

} // namespace

/// Tells that a file was replaced or written.
struct SealedStore::Stamp {
    std::uint64_t inode = 0;
    std::int64_t size = -1, modified = 0;
    bool operator==(const Stamp &) const = default;

    static Stamp of(const std::string &path)
    {
        struct stat s {};
        if (stat(path.c_str(), &s) != 0)
            return {};
        return {std::uint64_t(s.st_ino), std::int64_t(s.st_size),
                std::int64_t(s.st_mtim.tv_sec) * 1000000000 + s.st_mtim.tv_nsec};
    }
};

/// An flock, freed by the kernel whatever happens to the process.
class SealedStore::Lock {
public:
    static Result<std::unique_ptr<Lock>> take(const std::string &dir)
    {
        const std::string path = dir + "/secrets.lock";
        const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0)
            return failure("state_unwritable",
                           "cannot write in the state directory " + dir + ": " + std::strerror(errno));
        struct stat owner {};
        if (geteuid() == 0 && stat(dir.c_str(), &owner) == 0 && fchown(fd, owner.st_uid, owner.st_gid) != 0)
            errno = 0; // the next writer says so
        auto lock = std::make_unique<Lock>(fd);
        const auto deadline = std::chrono::steady_clock::now() + lockPatience;
        while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
            if (std::chrono::steady_clock::now() > deadline)
                return failure("store_busy", "another process is writing the sealed store of " + dir + "; try again");
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        return lock;
    }
    explicit Lock(int fd) : m_fd(fd) {}
    Lock(const Lock &) = delete;
    Lock &operator=(const Lock &) = delete;
    ~Lock() { close(m_fd); }

private:
    int m_fd;
};

SealedStore::SealedStore(std::string stateDir, Environment env) : m_dir(std::move(stateDir)), m_env(std::move(env)) {}

SealedStore::~SealedStore() = default;

SealedStore::Content SealedStore::loadContent() const
{
    Content content;
    const FileText text = textOf(file());
    if (!text.error.empty()) {
        content.error = "the sealed store " + file() + " cannot be read: " + text.error;
    } else if (text.there) {
        auto parsed = SealedFile::parse(text.text);
        if (parsed)
            content.file = std::move(*parsed);
        else
            content.error = "the sealed store " + file() + " is " + parsed.error().message +
                            "; nothing was changed; restore it from a backup";
    }
    readKey(content);
    return content;
}

/// Finds the key that opens the file. While a rekey() is under way, or was killed, that may be the next one.
void SealedStore::readKey(Content &content) const
{
    const MasterKeyPlace place = masterKeyPlace(m_dir, m_env);
    auto key = readMasterKey(place);
    if (key && (!content.file || content.file->opensWith(*key))) {
        content.key = std::move(*key);
        return;
    }
    if (content.file && place.ownedByState) {
        auto next = readMasterKey({nextKeyFile(), true});
        if (next && content.file->opensWith(*next)) {
            content.key = std::move(*next);
            content.keyIsNext = true;
            return;
        }
    }
    if (key)
        content.keyError = {"secret_denied", "the master key " + place.path + " does not open the sealed store " +
                                                 file() +
                                                 ": it was sealed with another one; give that one back, "
                                                 "for instance from a backup"};
    else if (key.error().code == "secret_missing" && content.file)
        content.keyError = {"secret_denied", key.error().message + ", so the sealed store " + file() +
                                                 " cannot be opened; restore it from a backup"};
    else
        content.keyError = key.error();
}

const SealedStore::Content &SealedStore::current()
{
    // Between a look at the file and one at the key a rekey() may have changed both.
    for (int attempt = 0; attempt < 3; ++attempt) {
        const Stamp stamp = Stamp::of(file());
        if (m_content && m_stamp && *m_stamp == stamp && m_content->key)
            break;
        m_content = loadContent();
        m_stamp = std::make_unique<Stamp>(stamp);
        if (m_content->key || Stamp::of(file()) == stamp)
            break;
    }
    return *m_content;
}

Result<Secret> SealedStore::read(const std::string &name, const std::string & /*field*/)
{
    const std::lock_guard lock(m_mutex);
    const Content &content = current();
    if (!content.error.empty())
        return failure("secret_denied", content.error);
    if (!content.file || !content.file->contains(name))
        return failure("secret_missing", "the sealed store " + file() + " has no " + name +
                                             "; add it with `keymuxd secret set " + name + "`");
    if (!content.key)
        return tl::unexpected(content.keyError);
    return content.file->open(name, *content.key);
}

Result<std::vector<std::string>> SealedStore::list(const std::string &glob)
{
    const std::lock_guard lock(m_mutex);
    const Content &content = current();
    if (!content.error.empty())
        return failure("secret_denied", content.error);
    std::vector<std::string> names;
    if (content.file)
        names = content.file->names();
    std::erase_if(names, [&](const std::string &name) { return !globMatches(glob, name); });
    return names;
}

/// What is there now, and a key that opens it. To be called with the lock held.
Result<SealedStore::Content> SealedStore::forWriting() const
{
    Content content = loadContent();
    if (!content.error.empty())
        return failure("secret_denied", content.error);
    if (content.keyIsNext) {
        if (rename(nextKeyFile().c_str(), (m_dir + "/master-key").c_str()) != 0)
            return failure("state_unwritable", "cannot write " + m_dir + "/master-key: " + std::strerror(errno));
        content.keyIsNext = false;
    }
    return content;
}

Result<void> SealedStore::save(const SealedFile &file)
{
    auto written = writePrivateFile(this->file(), file.text());
    const std::lock_guard lock(m_mutex);
    m_content.reset();
    return written;
}

Result<void> SealedStore::write(const std::string &name, const Secret &value)
{
    if (!isSealedName(name))
        return failure("bad_name", "a secret's name has 1 to 256 of A-Z a-z 0-9 . _ -");
    if (value.empty() || value.reveal().size() > maxSecretBytes)
        return failure("secret_bad", "a secret has 1 to 65536 bytes");
    auto lock = Lock::take(m_dir);
    if (!lock)
        return tl::unexpected(lock.error());
    auto content = forWriting();
    if (!content)
        return tl::unexpected(content.error());
    if (!content->key) {
        const MasterKeyPlace place = masterKeyPlace(m_dir, m_env);
        const bool makeOne = !content->file && place.ownedByState && content->keyError.code == "secret_missing";
        if (!makeOne)
            return tl::unexpected(content->keyError);
        content->key = MasterKey::random();
        std::string text = content->key->text() + '\n';
        auto written = writePrivateFile(place.path, text);
        wipe(text);
        if (!written)
            return written;
    }
    SealedFile file = content->file ? std::move(*content->file) : SealedFile::sealedWith(*content->key);
    if (!file.contains(name) && file.size() >= maxListedSecrets)
        return failure("store_full", "the sealed store holds 10000 secrets at most");
    file.put(name, value.reveal(), *content->key);
    return save(file);
}

Result<void> SealedStore::remove(const std::string &name)
{
    auto lock = Lock::take(m_dir);
    if (!lock)
        return tl::unexpected(lock.error());
    auto content = forWriting();
    if (!content)
        return tl::unexpected(content.error());
    if (!content->file || !content->file->contains(name))
        return failure("secret_missing", "the sealed store " + file() + " has no " + name);
    if (!content->key)
        return tl::unexpected(content->keyError);
    content->file->remove(name);
    return save(*content->file);
}

Result<SealedStore::Rekeyed> SealedStore::rekey(const std::string &keyFile)
{
    auto lock = Lock::take(m_dir);
    if (!lock)
        return tl::unexpected(lock.error());
    auto content = forWriting();
    if (!content)
        return tl::unexpected(content.error());
    if (!content->file)
        return failure("secret_missing", "there is no sealed store in " + m_dir + " yet");
    if (!content->key)
        return tl::unexpected(content->keyError);
    const MasterKeyPlace place = masterKeyPlace(m_dir, m_env);
    if (keyFile.empty() && !place.ownedByState)
        return failure("usage", "the master key is kept in " + place.path +
                                    ", which is not Keymux's to replace; put a new one into another file and name it "
                                    "with --new-key-file");
    auto key = keyFile.empty() ? Result<MasterKey>(MasterKey::random()) : readMasterKey({keyFile, false});
    if (!key)
        return tl::unexpected(key.error());
    auto sealed = content->file->resealed(*content->key, *key);
    if (!sealed)
        return tl::unexpected(sealed.error());
    if (keyFile.empty()) {
        // The next key is on the disk before anything is sealed with it; readKey() finds it there until it is in place.
        std::string text = key->text() + '\n';
        auto written = writePrivateFile(nextKeyFile(), text);
        wipe(text);
        if (!written)
            return tl::unexpected(written.error());
    }
    if (auto saved = save(*sealed); !saved)
        return tl::unexpected(saved.error());
    if (keyFile.empty() && rename(nextKeyFile().c_str(), place.path.c_str()) != 0)
        return failure("state_unwritable", "cannot write " + place.path + ": " + std::strerror(errno));
    return Rekeyed{sealed->size(), keyFile.empty() ? place.path : keyFile};
}

} // namespace keymux
