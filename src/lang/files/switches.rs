//! Files that decide what others run, and those of the kernel.

use super::{Files, files, files_in};

const BOOTED: &str = "is run at the next boot, below everything else";

const SHELL: &str = "is run by the user's shell";

// Only the root of a hierarchy of version 1 has it (CFTYPE_ONLY_ON_ROOT in cgroup-v1.c).
const RELEASE_AGENTS: &str = "/sys/fs/cgroup/{,{blkio,cpu,cpuacct,cpuset,devices,freezer,hugetlb,memory,misc,net_cls,net_prio,perf_event,pids,rdma,systemd}/}release_agent";

const RELEASE_AGENT: &str =
    "names a program that the kernel starts as root, where control groups of version 1 are mounted";

/// Files that decide what others run, or what they may do, worst first.
pub const SWITCHES: &[Files] = &[
    files(
        "/proc/sys/kernel/{core_pattern,modprobe,hotplug,poweroff_cmd}",
        "/proc/sys/kernel/core_pattern",
        "names a program that the kernel starts as root",
    ),
    files(
        "/sys/kernel/uevent_helper",
        "/sys/kernel/uevent_helper",
        "names a program that the kernel starts as root",
    ),
    files(
        RELEASE_AGENTS,
        "/sys/fs/cgroup/memory/release_agent",
        RELEASE_AGENT,
    ),
    files(
        "/proc/sysrq-trigger",
        "/proc/sysrq-trigger",
        "can halt the machine or kill every process",
    ),
    files("/etc/passwd", "/etc/passwd", "decides which users exist"),
    files(
        "/etc/shadow",
        "/etc/shadow",
        "holds the password hashes of all users",
    ),
    files(
        "/etc/group",
        "/etc/group",
        "decides which groups exist and who belongs to them",
    ),
    files(
        "/etc/gshadow",
        "/etc/gshadow",
        "holds the passwords and administrators of groups",
    ),
    files_in(
        &["sudoers.d"],
        "/etc/{sudoers,sudoers.d/[a-z]*}",
        "/etc/sudoers",
        "decides who may become root",
    ),
    files_in(
        &["pam.d"],
        "/etc/pam.d/[a-z]*",
        "/etc/pam.d/common-auth",
        "decides how users prove who they are",
    ),
    files_in(
        &["ld.so.conf.d"],
        "/etc/ld.so.{preload,conf,conf.d/[a-z]*.conf}",
        "/etc/ld.so.preload",
        "names libraries that every program loads",
    ),
    files_in(
        &[
            "cron.d",
            "cron.hourly",
            "cron.daily",
            "cron.weekly",
            "cron.monthly",
            "crontabs",
        ],
        "/{etc/{crontab,anacrontab,cron.d/[a-z]*,cron.{hourly,daily,weekly,monthly}/[a-z]*},var/spool/cron/crontabs/root}",
        "/etc/cron.d/job",
        "holds commands that root runs",
    ),
    files_in(
        &["system"],
        "/{etc,{usr/,}lib}/systemd/system/{*.d/[a-z]*.conf,[a-z]*.{service,timer,socket}}",
        "/etc/systemd/system/backup.service",
        "holds commands that root runs",
    ),
    files_in(
        &["init.d"],
        "/etc/{init.d/[a-z]*,rc.local}",
        "/etc/init.d/networking",
        "is run by root at the next boot",
    ),
    files_in(
        &["rules.d", "modprobe.d"],
        "/etc/{udev/rules.d/[0-9a-z]*.rules,modprobe.d/[a-z]*.conf}",
        "/etc/udev/rules.d/99-local.rules",
        "holds commands that root runs",
    ),
    files_in(
        &["profile.d"],
        "/etc/{profile,profile.d/[a-z]*.sh,bash.bashrc}",
        "/etc/profile",
        "is run by the shell of every user",
    ),
    files(
        "/etc/environment",
        "/etc/environment",
        "sets environment variables of every user at login (pam_env)",
    ),
    files(
        "/boot/vmlinuz-[0-9]*",
        "/boot/vmlinuz-6.12.0-1-amd64",
        BOOTED,
    ),
    files(
        "/boot/initrd.img-[0-9]*",
        "/boot/initrd.img-6.12.0-1-amd64",
        BOOTED,
    ),
    files_in(
        &["modules"],
        "/{usr/,}lib/modules/*/{kernel,updates,extra}/{**/,}[a-z]*.ko{,.xz,.zst}",
        "/usr/lib/modules/6.12.0-1-amd64/kernel/fs/ext4/ext4.ko",
        "is code that the kernel loads",
    ),
    files(
        "/{usr/,usr/local/,}{bin,sbin}/[a-z]*",
        "/usr/bin/ls",
        "is a program that others run, root among them",
    ),
    files(
        "/{usr/,}lib/{x86_64-linux-gnu/,}lib[a-z]*.so{,.[0-9]*}",
        "/usr/lib/x86_64-linux-gnu/libc.so.6",
        "is code that every program loads",
    ),
    files_in(
        &[".ssh"],
        "/home/*/.ssh/{authorized_keys,rc}",
        "/home/user/.ssh/authorized_keys",
        "decides who may log in as that user",
    ),
    files_in(
        &[".ssh"],
        "/root/.ssh/{authorized_keys,rc}",
        "/root/.ssh/authorized_keys",
        "decides who may log in as root",
    ),
    files("/home/*/.bashrc", "/home/user/.bashrc", SHELL),
    files("/home/*/.profile", "/home/user/.profile", SHELL),
    files("/home/*/.zshrc", "/home/user/.zshrc", SHELL),
    files("/root/.bashrc", "/root/.bashrc", "is run by root's shell"),
    files_in(
        &["autostart"],
        "/home/*/.config/autostart/[a-z]*.desktop",
        "/home/user/.config/autostart/app.desktop",
        "is run when the user logs in",
    ),
    files_in(
        &["user"],
        "/home/*/.config/systemd/user/[a-z]*.service",
        "/home/user/.config/systemd/user/app.service",
        "is run when the user logs in",
    ),
];

const SETTING: &str = "is a setting of the host's kernel";

/// Files of the host's kernel that a container must not write, worst first.
pub const HOST_KERNEL: &[Files] = &[
    files(
        "/proc/sys/kernel/{core_pattern,modprobe,hotplug,poweroff_cmd}",
        "/proc/sys/kernel/core_pattern",
        "names a program that the kernel starts as root on the host",
    ),
    files(
        "/sys/kernel/uevent_helper",
        "/sys/kernel/uevent_helper",
        "names a program that the kernel starts as root on the host",
    ),
    files(
        "/proc/sysrq-trigger",
        "/proc/sysrq-trigger",
        "halts the host, or kills every process on it",
    ),
    files("/proc/kcore", "/proc/kcore", "is the memory of the host"),
    files_in(
        &["apparmor"],
        "/sys/kernel/security/[a-z]*/{.,}[a-z]*",
        "/sys/kernel/security/apparmor/.load",
        "controls the host's security modules, AppArmor among them",
    ),
    files("/proc/sys/vm/[a-z]*", "/proc/sys/vm/drop_caches", SETTING),
    files("/proc/sys/fs/[a-z]*", "/proc/sys/fs/suid_dumpable", SETTING),
    files(
        "/proc/sys/kernel/{kptr_restrict,randomize_va_space,perf_event_paranoid}",
        "/proc/sys/kernel/randomize_va_space",
        SETTING,
    ),
    files(
        "/proc/sys/net/{core,ipv4,ipv6}/[a-z]*",
        "/proc/sys/net/ipv4/ip_forward",
        "is a setting of the network",
    ),
    files(
        "/proc/{acpi/wakeup,bus/pci/[0-9]*/[0-9]*,fs/{cifs,nfsd}/[a-z]*,irq/{default_smp_affinity,[0-9]*/smp_affinity{,_list}},scsi/scsi}",
        "/proc/irq/1/smp_affinity",
        "is a setting of the host's devices",
    ),
    files(
        "/sys/firmware/[a-z]*/{**/,}[a-zA-Z]*",
        "/sys/firmware/efi/efivars/BootOrder-8be4df61-93ca-11d2-aa0d-00e098032b8c",
        "belongs to the host's firmware",
    ),
    files(
        // What lies below `class/net` belongs to the network that the container is in.
        "/sys/{{block,bus,dev,devices}/[a-z]*,class/[a-mo-z]*}/{**/,}[a-z]*",
        "/sys/devices/system/cpu/cpu1/online",
        "belongs to the host's devices",
    ),
    files(
        "/sys/{module,power,kernel}/{**/,}[a-z]*",
        "/sys/module/kvm/parameters/halt_poll_ns",
        SETTING,
    ),
    files(
        "/sys/fs/{bpf,btrfs,ext4,f2fs,fuse,pstore,resctrl,selinux,smackfs,xfs}/{**/,}[a-z]*",
        "/sys/fs/selinux/enforce",
        "belongs to the host's file systems and security modules",
    ),
    // What Docker's default profile denies ends here: it leaves the control groups open.
    files(
        RELEASE_AGENTS,
        "/sys/fs/cgroup/memory/release_agent",
        RELEASE_AGENT,
    ),
];
