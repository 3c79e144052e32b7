//! All tests that stand on something from outside of the repository: the test material in `../shared`, the real parsers.
//!
//! A test whose material is missing is shown as ignored, with the reason. Under CI=true it fails, except for folders in the
//! clone without neighbours that `scripts/test alone` makes (AALINT_TEST_ALONE=1). That is known only when the test runs,
//! and the standard harness cannot say it then, so these tests are listed here: `cargo test --test material corpus::`.
//! One that is not listed is dead code, which clippy refuses.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a test may fail loudly, reads files, and says what it measured"
)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../oracle/mod.rs"]
mod oracle;
#[path = "../common/random.rs"]
mod random;

mod case_containers;
mod case_findings;
mod case_walk;
mod cases;
mod claims;
mod conformance;
mod corpus;
mod edits;
mod engine_profiles;
mod equality;
mod fixes;
mod oracle_blocks;
mod oracle_classes;
mod oracle_decoder;
mod oracle_diff;
mod oracle_files;
mod oracle_grammar;
mod oracle_rules;
mod own_profiles;
mod removed_include;
mod snippets;
#[cfg(feature = "verify")]
mod strangers;
mod target;
mod workspace;

use std::process::ExitCode;

use common::Missing;
use libtest_mimic::{Arguments, Completion, Failed, Trial};

macro_rules! trials {
    ($($module:ident { $($test:ident,)+ })+) => {
        vec![$($(Trial::ignorable_test(
            concat!(stringify!($module), "::", stringify!($test)),
            || run($module::$test),
        ),)+)+]
    };
}

fn main() -> ExitCode {
    #[cfg_attr(
        not(feature = "verify"),
        expect(unused_mut, reason = "verify adds tests")
    )]
    let mut tests = trials! {
        engine_profiles {
            dockers_default_profile_keeps_the_container_pack,
            engine_profiles_hold_on_the_profile_that_they_are_about,
        }
        case_findings {
            carets_and_lists_in_globs_are_named,
            a_comma_outside_of_braces_is_named,
            an_undefined_cascade_is_one_finding,
            what_complain_mode_does_not_reach_is_said,
            impossible_dbus_values_are_named,
            a_denied_directory_alone_is_named,
            files_in_etc_are_described_as_they_are_used,
            the_help_of_a_slip_is_what_was_meant,
            profiles_that_need_no_word_get_none,
            a_chain_of_deny_rules_gets_no_weaker_replacement,
            a_missing_include_is_said_alone,
            denied_links_of_a_merged_usr_are_named,
            mount_rules_do_what_is_said_of_them,
            an_owner_that_restricts_nothing_is_named,
            a_relative_include_is_named,
            a_capability_is_worth_what_rules_allow,
            var_run_is_a_link_or_a_directory_and_never_both,
        }
        case_containers {
            a_clean_profile_whose_container_cannot_start_is_an_error,
            a_container_profile_without_files_is_a_warning,
        }
        case_walk {
            a_query_tells_of_links,
            a_misspelt_intent_is_one_finding,
            empty_and_repeated_intents_are_findings,
            misspelt_directives_are_findings,
            a_configuration_with_slips_names_each,
            an_abi_that_no_directory_has_is_an_error_of_the_walk_too,
            compose_forms_are_read,
            kubernetes_forms_are_read,
            other_files_that_name_profiles_are_read,
        }
        cases {
            an_abi_file_that_is_not_there_is_an_error,
            the_abi_that_an_edit_names_is_one_that_is_there,
            arrows_without_blanks_are_errors_or_parts_of_paths,
            what_stands_behind_a_profile_is_no_preamble,
            a_comment_without_line_end_is_an_error,
            a_network_rule_allows_unix_sockets,
            promises_that_apply_to_no_profile_are_an_error,
            complain_mode_hides_nothing_from_a_gate,
        }
        claims {
            every_claim_is_decided_as_it_says,
        }
        edits {
            every_edit_makes_its_finding_go_away_and_brings_no_other,
        }
        conformance {
            agrees_with_the_parser,
        }
        corpus {
            agrees_with_the_parser_on_real_profiles,
            source_tree_of_apparmor_d_is_usable,
            mutated_real_profiles,
            the_same_bytes_at_any_number_of_threads,
            few_real_files_are_laid_out_anew,
            a_layout_decides_nothing,
        }
        fixes {
            safe_edits_of_the_corpus_change_no_decision,
            comments_that_ignore_findings_change_nothing_else,
            unsafe_edits_of_the_corpus_come_to_an_end,
        }
        equality {
            equality,
        }
        oracle_classes {
            agrees_on_generated_profiles,
            agrees_on_real_profiles,
        }
        oracle_blocks {
            blocks_compile_to_what_aalint_says_is_in_force,
        }
        oracle_decoder {
            paths_are_decided,
            links_are_decided,
            the_rest_of_a_profile_is_read,
            other_requests_are_decided,
            damaged_policy_is_an_error_and_not_a_panic,
            both_encodings_say_the_same,
        }
        oracle_diff {
            agrees_on_changed_real_profiles,
            agrees_on_changed_generated_profiles,
        }
        oracle_files {
            agrees_on_real_profiles,
            agrees_on_generated_profiles,
        }
        oracle_grammar {
            the_parser_judges_each_kind_as_the_table_says,
            what_the_parser_refuses_and_nothing_else_has_an_error,
        }
        oracle_rules {
            claims_hold_in_compiled_profiles,
            audit_deny_umount_tells_which_policy_mediates_no_mounts,
            comment_in_values_tells_what_becomes_a_value,
        }
        own_profiles {
            the_parser_judges_them_as_their_folder_says,
        }
        removed_include {
            nothing_is_said_to_be_missing_that_an_include_may_bring,
        }
        snippets {
            aalint_judges_them_as_both_parsers_do,
            the_parser_gives_the_verdicts_that_are_written,
        }
        target {
            enforcement_is_that_of_the_parser,
            what_is_too_new_for_3_0_in_real_profiles,
            what_is_too_new_for_3_0_in_the_parsers_own_tests,
        }
        workspace {
            debians_tree,
            the_tree_of_apparmor_d,
        }
    };
    #[cfg(feature = "verify")]
    tests.extend(trials! {
        case_findings {
            who_has_no_profile_or_no_hat_is_told,
        }
        case_walk {
            logs_of_the_journal_and_of_ausearch_are_read,
            a_capability_that_hides_another_cause_comes_with_a_warning,
            repeated_records_are_one_entry_with_a_count,
        }
        cases {
            recursive_mount_flags_are_kept,
        }
        strangers {
            who_may_write_on_the_way_is_a_stranger,
            whose_a_place_is_on_the_way_counts,
            links_are_followed_through_places_that_count_as_well,
            what_was_looked_at_is_what_is_read,
            the_copy_of_real_profiles_compiles_to_the_same_bytes_and_names,
            what_reaches_beyond_the_confinement_is_told_and_needs_trust,
            whose_the_build_directory_is_counts_as_well,
            policy_from_elsewhere_reaches_beyond_as_well,
            an_attachment_reaches_beyond_as_well,
            a_configuration_further_up_is_obeyed_if_nobody_else_may_change_it,
            profiles_for_other_namespaces_are_refused_however_they_are_written,
            what_somebody_else_may_exchange_is_not_included_by_its_absolute_path,
            names_of_files_are_no_options_to_the_parser,
            an_exchanged_file_changes_nothing,
        }
    });
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}

fn run(test: fn() -> Result<(), Missing>) -> Result<Completion, Failed> {
    let is_set = |variable: &str, value: &str| std::env::var(variable).as_deref() == Ok(value);
    let Err(missing) = test() else {
        return Ok(Completion::Completed);
    };
    let is_alone = is_set("AALINT_TEST_ALONE", "1") && matches!(missing, Missing::Folder(_));
    if is_set("CI", "true") && !is_alone {
        return Err(format!("{missing}, and nothing may be skipped under CI=true").into());
    }
    // cargo-nextest knows a test by its exit status, and would call this one passed.
    if is_set("NEXTEST", "1") {
        return Err(format!("{missing}; `cargo test` shows this test as ignored").into());
    }
    Ok(Completion::ignored_with(missing))
}
