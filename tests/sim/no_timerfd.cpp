// Asio asks the kernel to tell it when its earliest timer is due. In virtual time the kernel cannot
// know. Without such a descriptor Asio looks at its timers each time it is polled, which is what
// the simulator needs, and makes what runs when depend on nothing but virtual time.

#include <cerrno>

extern "C" int timerfd_create(int, int) noexcept {
    errno = ENOSYS;
    return -1;
}
