//! `invalid-rule-operands`: operands that do not go together.

use crate::lang::rlimit::RlimitFault;
use crate::lint::{Check, Cx, FileView, Sink};
use crate::syntax::fault::{FaultKind, OperandFault};

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    for fault in &file.file.faults {
        if let FaultKind::Operands(operands) = &fault.kind {
            let (message, help) = words(operands, file.slice(fault.range));
            let finding = sink.at(file.span(fault.range), message).help(help);
            sink.report(finding);
        }
    }
}

fn words(fault: &OperandFault, text: &str) -> (String, &'static str) {
    match fault {
        OperandFault::NetworkWords => (
            format!("`{text}` is no combination of family, type and protocol"),
            "write a family and a type (`inet stream`), or a family and tcp, udp or (inet only) icmp",
        ),
        OperandFault::Ip => (
            format!("`{text}` is no address"),
            "write one IPv4 or IPv6 address, or `none`; ranges and prefixes are not supported",
        ),
        OperandFault::Port => (
            format!("`{text}` is no port"),
            "write a number up to 65535, or a range such as 80-443",
        ),
        OperandFault::FamilyWithoutAddress => (
            format!("`{text}` stands in a rule for a family without addresses and ports"),
            "conditions go with inet and inet6 only",
        ),
        OperandFault::InterfaceInPeer => (
            format!("`{text}` stands in `peer=()`"),
            "the interface is the local one: write it outside of `peer=()`",
        ),
        OperandFault::LocalPermissionWithPeer => (
            format!(
                "the permission `{text}` is about the local socket and cannot be combined with a peer"
            ),
            "split the rule: one for the local permissions, one with `peer=()` for send, receive, connect and accept",
        ),
        OperandFault::OnlyEquals => (
            format!("the operator of `{text}` cannot stand here"),
            "write `=`: this condition takes no other operator",
        ),
        OperandFault::SingleValue(name) => (
            format!("`{name}` is given the further value `{text}`"),
            "write a rule for each value, or a glob such as `{a,b}`",
        ),
        OperandFault::OnlyInPeer => (
            format!("`{text}` stands outside of `peer=()`"),
            "write `peer=(label=…)`",
        ),
        OperandFault::NotInPeer => (
            format!("`{text}` stands in `peer=()`"),
            "write it outside of `peer=()`",
        ),
        OperandFault::Unsupported => (
            format!("`{text}` is not supported by the parser"),
            "remove the condition",
        ),
        OperandFault::UnixAddress => (
            format!("`{text}` is no abstract address"),
            "write `@name`, `none` or `auto`; a socket with a path is a file rule",
        ),
        OperandFault::DbusMixed => (
            "the rule is about messages and about owning a name".to_owned(),
            "split it: `dbus bind` with name, and `dbus (send, receive)` with path, interface, member and peer",
        ),
        OperandFault::DbusBindWithMessage => (
            "`bind` is combined with conditions about messages".to_owned(),
            "`dbus bind` takes only bus and name",
        ),
        OperandFault::DbusMessageWithService => (
            format!("`{text}` is combined with a name to own"),
            "the name of the other side belongs into `peer=(name=…)`",
        ),
        OperandFault::DbusEavesdrop => (
            format!("`eavesdrop` is combined with `{text}`"),
            "`dbus eavesdrop` takes only bus",
        ),
        OperandFault::MqueueName => (
            format!("`{text}` is no queue name"),
            "POSIX queues begin with `/`, System V queues are numbers",
        ),
        OperandFault::MqueueNameAndType => (
            format!("the queue name `{text}` does not fit its type"),
            "POSIX queues begin with `/`, System V queues are numbers",
        ),
        OperandFault::MqueuePermission => (
            format!("queues of this type have no permission `{text}`"),
            "remove it, or change the type",
        ),
        OperandFault::Rlimit(fault) => rlimit(*fault, text),
        OperandFault::Variable => (
            format!("`{text}` contains a variable"),
            "write its value: the parser does not expand variables in this condition",
        ),
        OperandFault::AllTakesNothing => (format!("`all` is followed by `{text}`"), "write `all,`"),
    }
}

fn rlimit(fault: RlimitFault, text: &str) -> (String, &'static str) {
    match fault {
        RlimitFault::Resource => (
            format!("the resource `{text}` is not known"),
            "setrlimit(2) lists them; they are written in lower case without `RLIMIT_`",
        ),
        RlimitFault::Value => (
            format!("`{text}` is no value of this resource"),
            "write a number, or `infinity`",
        ),
        RlimitFault::Unit => (
            format!("`{text}` is no unit of this resource"),
            "sizes take KB, MB and GB, times take us to weeks, counts take none",
        ),
        RlimitFault::BelowOneSecond => (
            format!("`{text}` is less than one second"),
            "the smallest limit of `cpu` is one second",
        ),
        RlimitFault::NiceRange => (
            format!("`{text}` is outside of -20 to 19"),
            "write a nice value",
        ),
    }
}
