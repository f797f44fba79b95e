//! The texts of one language, built into the binary.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use sekisho_core::letter::Language;
use std::sync::LazyLock;

static JA: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Language::Ja, include_str!("../../locales/ja/pages.ftl")));
static EN: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Language::En, include_str!("../../locales/en/pages.ftl")));

/// The texts of one language.
#[derive(Clone, Copy)]
pub(super) struct Words(&'static FluentBundle<FluentResource>);

impl Words {
    /// The texts of `language`.
    pub fn of(language: Language) -> Self {
        match language {
            Language::Ja => Self(&JA),
            Language::En => Self(&EN),
        }
    }

    /// The text `id`, or `id.attribute`. A text that is missing shows as its id in brackets, and a test finds it.
    pub fn get(self, id: &str, args: &FluentArgs) -> String {
        let (id, attribute) = id.split_once('.').map_or((id, None), |(id, attribute)| (id, Some(attribute)));
        let message = self.0.get_message(id);
        let pattern = message.and_then(|message| match attribute {
            Some(attribute) => message.get_attribute(attribute).map(|attribute| attribute.value()),
            None => message.value(),
        });
        let mut errors = Vec::new();
        let text = pattern.map(|pattern| self.0.format_pattern(pattern, Some(args), &mut errors).into_owned());
        text.filter(|_| errors.is_empty()).unwrap_or_else(|| format!("⟦{id}⟧"))
    }
}

fn bundle(language: Language, source: &str) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new_concurrent(vec![language.tag().parse().unwrap_or_default()]);
    // Marks around every value would end up in titles and in what members copy.
    bundle.set_use_isolating(false);
    // What cannot be read, or stands twice, is left out; `both_languages_have_the_same_texts` finds it.
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(readable, _)| readable);
    bundle.add_resource_overriding(resource);
    bundle
}
