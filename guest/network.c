/*
 * The link to the host's network namespace, and ports of 127.0.0.1 that lead there.
 *
 * A function finds the Runtime API at 127.0.0.1, as at every isolation level, and this machine's own 127.0.0.1 otherwise:
 * routing rules, which the kernel asks before it asks which addresses are its own, send single ports out. The host's end
 * accepts 127.0.0.1 as a destination, and this end as a source (route_localnet).
 */
#include "init.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LINK "eth0"
#define OUT_TABLE 77
#define OUT_PRIORITY 10
#define LOCAL_PRIORITY 100

struct request {
  struct nlmsghdr head;
  char body[256];
};

static int control = -1;
static int link_index;

static void begin(struct request *request, int type, int flags, const void *head, size_t length) {
  memset(request, 0, sizeof *request);
  request->head.nlmsg_len = NLMSG_LENGTH(length);
  request->head.nlmsg_type = (uint16_t)type;
  request->head.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
  memcpy(NLMSG_DATA(&request->head), head, length);
}

static void add(struct request *request, int type, const void *value, size_t length) {
  struct rtattr *attribute = (struct rtattr *)((char *)request + NLMSG_ALIGN(request->head.nlmsg_len));
  attribute->rta_type = (uint16_t)type;
  attribute->rta_len = (uint16_t)RTA_LENGTH(length);
  memcpy(RTA_DATA(attribute), value, length);
  request->head.nlmsg_len = NLMSG_ALIGN(request->head.nlmsg_len) + RTA_ALIGN(attribute->rta_len);
}

/* 0 or an error number. */
static int send_request(struct request *request) {
  struct {
    struct nlmsghdr head;
    struct nlmsgerr error;
    char more[512];
  } answer;
  check((int)send(control, request, request->head.nlmsg_len, 0), "netlink");
  check((int)recv(control, &answer, sizeof answer, 0), "netlink");
  return answer.head.nlmsg_type == NLMSG_ERROR ? -answer.error.error : 0;
}

static void must(struct request *request, const char *what) {
  errno = send_request(request);
  if (errno != 0) fail(what);
}

static void bring_up(const char *name, int flags) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ifreq request = {0};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  request.ifr_flags = (short)(IFF_UP | flags);
  check(ioctl(fd, SIOCSIFFLAGS, &request), name);
  close(fd);
}

static int change_address(const char *address, int type) {
  struct ifaddrmsg head = {.ifa_family = AF_INET, .ifa_prefixlen = 32, .ifa_index = (uint32_t)link_index};
  struct in_addr value;
  inet_pton(AF_INET, address, &value);
  struct request request;
  begin(&request, type, type == RTM_NEWADDR ? NLM_F_CREATE | NLM_F_EXCL : 0, &head, sizeof head);
  add(&request, IFA_LOCAL, &value, sizeof value);
  add(&request, IFA_ADDRESS, &value, sizeof value);
  return send_request(&request);
}

/* Everything is behind the link; `source` is what others see. */
static void set_route(int table, const char *source) {
  struct rtmsg head = {.rtm_family = AF_INET,
                       .rtm_table = (unsigned char)table,
                       .rtm_protocol = RTPROT_STATIC,
                       .rtm_scope = RT_SCOPE_LINK,
                       .rtm_type = RTN_UNICAST};
  struct in_addr value;
  inet_pton(AF_INET, source, &value);
  struct request request;
  begin(&request, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, &head, sizeof head);
  add(&request, RTA_OIF, &link_index, sizeof link_index);
  add(&request, RTA_PREFSRC, &value, sizeof value);
  must(&request, "route");
}

static void begin_rule(struct request *request, int type, int table, uint32_t priority, int to_bits) {
  struct fib_rule_hdr head = {.family = AF_INET,
                              .dst_len = (uint8_t)to_bits,
                              .table = (uint8_t)table,
                              .action = FR_ACT_TO_TBL};
  begin(request, type, type == RTM_NEWRULE ? NLM_F_CREATE | NLM_F_EXCL : 0, &head, sizeof head);
  if (priority > 0) add(request, FRA_PRIORITY, &priority, sizeof priority);
}

void lead_port_out(int port, int root_only) {
  struct request request;
  begin_rule(&request, RTM_NEWRULE, OUT_TABLE, OUT_PRIORITY, 32);
  uint32_t loopback = htonl(INADDR_LOOPBACK);
  struct fib_rule_port_range ports = {.start = (uint16_t)port, .end = (uint16_t)port};
  add(&request, FRA_DST, &loopback, sizeof loopback);
  add(&request, FRA_DPORT_RANGE, &ports, sizeof ports);
  if (root_only) {
    struct fib_rule_uid_range root = {.start = 0, .end = 0};
    add(&request, FRA_UID_RANGE, &root, sizeof root);
  }
  int error = send_request(&request);
  if (error != 0 && error != EEXIST) {
    errno = error;
    fail("routing rule");
  }
}

void set_up_network(void) {
  control = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  check(control, "netlink");
  link_index = (int)if_nametoindex(LINK);
  if (link_index == 0) fail(LINK);
  write_file("/proc/sys/net/ipv6/conf/" LINK "/disable_ipv6", "1");
  write_file("/proc/sys/net/ipv4/conf/" LINK "/route_localnet", "1");
  write_file("/proc/sys/net/ipv4/conf/" LINK "/accept_local", "1");
  write_file("/proc/sys/net/ipv4/conf/" LINK "/rp_filter", "0");
  write_file("/proc/sys/net/ipv4/conf/all/rp_filter", "0");
  bring_up("lo", 0);
  bring_up(LINK, IFF_NOARP);
  errno = change_address(GUEST_ADDRESS, RTM_NEWADDR);
  if (errno != 0) fail("address");
  set_route(OUT_TABLE, GUEST_ADDRESS);
  /* First the kernel's own addresses go further down; its rule for them is at 0, where nothing can come before. */
  struct request request;
  begin_rule(&request, RTM_NEWRULE, RT_TABLE_LOCAL, LOCAL_PRIORITY, 0);
  must(&request, "rule of local addresses");
  lead_port_out(CONTROL_PORT, 1);
  begin_rule(&request, RTM_DELRULE, RT_TABLE_LOCAL, 0, 0);
  uint32_t first = 0;
  add(&request, FRA_PRIORITY, &first, sizeof first);
  must(&request, "first rule");
  struct in_addr host;
  inet_pton(AF_INET, HOST_ADDRESS, &host);
  struct rtmsg head = {.rtm_family = AF_INET,
                       .rtm_dst_len = 32,
                       .rtm_table = RT_TABLE_MAIN,
                       .rtm_protocol = RTPROT_STATIC,
                       .rtm_scope = RT_SCOPE_LINK,
                       .rtm_type = RTN_UNICAST};
  begin(&request, RTM_NEWROUTE, NLM_F_CREATE, &head, sizeof head);
  add(&request, RTA_OIF, &link_index, sizeof link_index);
  add(&request, RTA_DST, &host, sizeof host);
  must(&request, "route to the host");
}

void set_address(const char *address) {
  static char last[INET_ADDRSTRLEN];
  if (last[0] != 0) change_address(last, RTM_DELADDR);
  strncpy(last, address, sizeof last - 1);
  errno = change_address(address, RTM_NEWADDR);
  if (errno != 0) fail("address");
  set_route(RT_TABLE_MAIN, address);
}

int connect_to_host(void) {
  for (;;) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(fd, "socket");
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(CONTROL_PORT),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
    close(fd);
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
  }
}

int listen_for_host(uint32_t *port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  check(fd, "socket");
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  check(bind(fd, (struct sockaddr *)&address, length), "bind");
  check(listen(fd, 1), "listen");
  check(getsockname(fd, (struct sockaddr *)&address, &length), "getsockname");
  *port = ntohs(address.sin_port);
  return fd;
}
