//! `invalid-rule-operands`: operands that do not go together.

use crate::diagnostic::Applicability;
use crate::lang::keywords::suggest;
use crate::lang::rlimit::{RESOURCES, RlimitFault};
use crate::lint::{Check, Cx, FileView, Sink};
use crate::syntax::fault::{FaultKind, OperandFault};

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    for fault in &file.file.faults {
        if let FaultKind::Operands(operands) = &fault.kind {
            let (message, help) = words(operands, file.slice(fault.range));
            let span = file.span(fault.range);
            let text = file.slice(fault.range);
            let finding = sink.at(span, message).help(help);
            let is_resource = *operands == OperandFault::Rlimit(RlimitFault::Resource);
            let meant = suggest(text, RESOURCES.iter().copied()).filter(|_| is_resource);
            sink.report(match meant {
                Some(name) => finding.mark(format!("did you mean `{name}`?")).replace(
                    Applicability::Unsafe,
                    format!("write `{name}`"),
                    span,
                    name,
                ),
                None => finding,
            });
        }
    }
}

fn words(fault: &OperandFault, text: &str) -> (String, &'static str) {
    match fault {
        OperandFault::NetworkWords => (
            format!("`{text}` is not a combination of family, type and protocol"),
            "write a family and a type (`inet stream`), or a family and tcp, udp or (inet only) icmp",
        ),
        OperandFault::Ip => (
            format!("`{text}` is not an address"),
            "write one IPv4 or IPv6 address, or `none`; ranges and prefixes are not supported",
        ),
        OperandFault::Port => (
            format!("`{text}` is not a port"),
            "write a number up to 65535, or a range such as 80-443",
        ),
        OperandFault::FamilyWithoutAddress => (
            format!("`{text}` is in a rule for a family without addresses and ports"),
            "use the condition only with inet and inet6",
        ),
        OperandFault::InterfaceInPeer => (
            format!("`{text}` is inside `peer=()`"),
            "write it outside of `peer=()`: the interface is the local one",
        ),
        OperandFault::LocalPermissionWithPeer => (
            format!(
                "the permission `{text}` is about the local socket and cannot be combined with a peer"
            ),
            "split the rule: one for the local permissions, one with `peer=()` for send, receive, connect and accept",
        ),
        OperandFault::OnlyEquals => (
            format!("`{text}` has an operator that it does not take"),
            "write `=`: this condition takes no other operator",
        ),
        OperandFault::SingleValue(name) => (
            format!("`{name}` has a second value, `{text}`"),
            "write a rule for each value, or a glob such as `{a,b}`",
        ),
        OperandFault::OnlyInPeer => (
            format!("`{text}` is outside of `peer=()`"),
            "write `peer=(label=…)`",
        ),
        OperandFault::NotInPeer => (
            format!("`{text}` is inside `peer=()`"),
            "write it outside of `peer=()`",
        ),
        OperandFault::Unsupported => (
            format!("`{text}` is not supported by the parser"),
            "remove the condition",
        ),
        OperandFault::UnixAddress => (
            format!("`{text}` is not an abstract address"),
            "write `@name`, `none` or `auto`; a socket with a path is a file rule",
        ),
        OperandFault::DbusMixed => (
            "the rule is about messages and about owning a name".to_owned(),
            "split it: `dbus bind` with name, and `dbus (send, receive)` with path, interface, member and peer",
        ),
        OperandFault::DbusBindWithMessage => (
            "`bind` is combined with conditions about messages".to_owned(),
            "keep only bus and name with `dbus bind`",
        ),
        OperandFault::DbusMessageWithService => (
            format!("`{text}` is combined with a name to own"),
            "write the name of the peer as `peer=(name=…)`",
        ),
        OperandFault::DbusEavesdrop => (
            format!("`eavesdrop` is combined with `{text}`"),
            "keep only bus with `dbus eavesdrop`",
        ),
        OperandFault::MqueueName => (
            format!("`{text}` is not a queue name"),
            "write `/name` for a POSIX queue and a number for a System V queue",
        ),
        OperandFault::MqueueNameAndType => (
            format!("the queue name `{text}` does not fit its type"),
            "write `/name` for a POSIX queue and a number for a System V queue",
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
            "write a name from setrlimit(2) in lower case without `RLIMIT_`",
        ),
        RlimitFault::Value => (
            format!("`{text}` is not a value of this resource"),
            "write a number, or `infinity`",
        ),
        RlimitFault::Unit => (
            format!("`{text}` is not a unit of this resource"),
            "write KB, MB or GB for sizes, us to weeks for times, and no unit for counts",
        ),
        RlimitFault::BelowOneSecond => (
            format!("`{text}` is less than one second"),
            "write one second or more",
        ),
        RlimitFault::NiceRange => (
            format!("the nice value `{text}` is outside of -20 to 19"),
            "write a value from -20 to 19",
        ),
    }
}
