//! What clients see. Translation only: resolvers of a few lines over a view of the graph.

mod access_entry;
mod agency;
mod annual;
mod approve_run;
mod ask;
mod assessment;
mod audit;
mod beside;
mod casework;
mod catalogue_item;
mod check;
mod check_exclusion;
mod clue;
mod connection;
mod contribution;
mod credit_record;
mod decide_mention;
mod division;
mod entities;
mod error;
mod evidence;
mod filter;
mod indicator;
mod mention;
mod mention_decision;
mod mutation;
mod node;
mod official;
mod overview;
mod reject;
mod resolution;
mod revoke_token;
mod root;
mod rules;
mod scalars;
mod search;
mod source;
mod stats;
mod subscription;
mod succession;
mod times;
mod viewer;
mod warning;
mod watch;
mod zero_report;

use async_graphql::{
    MergedObject, ObjectType, SDLExportOptions, Schema, SchemaBuilder, extensions::ExtensionFactory,
};

use annual::AnnualMutation;
pub(super) use ask::{Ask, Occasion};
use casework::CaseMutation;
use check_exclusion::ExclusionMutation;
pub(super) use entities::{ENTITIES, REPRESENTATIONS, REPRESENTATIONS_MAX, ROOTS};
pub(super) use error::{ApiError, Code};
use mutation::Changes;
pub(super) use root::NAME_CHARS_MAX;
pub use root::Query;
pub use subscription::Subscription;
pub(super) use subscription::{Followed, Told, Turn};
use warning::WarningMutation;
use watch::WatchMutation;

/// The schema of the API.
pub type ApiSchema = Schema<Root, Mutation, Subscription>;

/// 查询。 / Queries.
#[derive(MergedObject)]
#[graphql(name = "Query")]
struct Plain(Query);

/// 变更。 / Mutations.
#[derive(MergedObject, Default)]
#[graphql(name = "Mutation")]
pub struct Mutation(
    Changes,
    CaseMutation,
    WarningMutation,
    AnnualMutation,
    WatchMutation,
    ExclusionMutation,
);

/// 查询。 / Queries, with those of gateways.
#[derive(MergedObject)]
#[graphql(name = "Query")]
pub struct Root(Query, entities::Federation);

/// Levels of fields in a query, and nesting of fragments: the guard's limits, a second time.
const DEPTH_MAX: usize = 16;
const RECURSION_MAX: usize = 32;
const DIRECTIVES_MAX: usize = 5;

/// Builds the schema. It has no extensions: any extension makes execution about twice as slow.
pub fn schema() -> ApiSchema {
    build().finish()
}

/// The same with an extension, which is not for serving.
pub(super) fn schema_with(extension: impl ExtensionFactory) -> ApiSchema {
    build().extension(extension).finish()
}

fn build() -> SchemaBuilder<Root, Mutation, Subscription> {
    let root = Root(Query, entities::Federation);
    Schema::build(root, Mutation::default(), Subscription)
        .disable_suggestions()
        .limit_depth(DEPTH_MAX)
        .limit_recursive_depth(RECURSION_MAX)
        .limit_directives(DIRECTIVES_MAX)
}

/// The schema as text, sorted, so that differences mean something; without what is there for gateways.
pub fn sdl() -> String {
    let mutation = Mutation::default();
    print(&Schema::new(Plain(Query), mutation, Subscription))
}

/// The same with what is there for gateways, as it is executed.
pub(super) fn whole_sdl() -> String {
    print(&schema())
}

fn print<Q: ObjectType + 'static>(schema: &Schema<Q, Mutation, Subscription>) -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by();
    let text = schema.sdl_with_options(options);
    let lines: Vec<&str> = text.trim().lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}
