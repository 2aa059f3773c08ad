//! Forms of a page, read as a browser reads them.

/// A form of a page.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) html: String,
}

impl Form {
    /// With a field filled, or a button pressed.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// What an attribute of a tag says.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let begin = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let end = tag[begin..].find('"')? + begin;
    Some(unescaped(&tag[begin..end]))
}

/// A text of HTML as it is read.
pub(crate) fn unescaped(html: &str) -> String {
    let mut text = html.to_owned();
    for (escaped, plain) in
        [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")]
    {
        text = text.replace(escaped, plain);
    }
    text
}

/// The forms of a page, each with its fields that are filled already.
pub(crate) fn forms(html: &str) -> Vec<Form> {
    let pieces = html.split("<form ").skip(1);
    let forms = pieces.map(|piece| {
        let piece = piece.split("</form>").next().unwrap();
        let tag = format!(" {}", piece.split('>').next().unwrap());
        let inputs = piece
            .split("<input ")
            .skip(1)
            .map(|rest| format!(" {}", rest.split('>').next().unwrap()));
        let fields = inputs.filter_map(|input| {
            let is_off = input.contains("type=\"checkbox\"") && !input.contains(" checked");
            let name = attribute(&input, "name").filter(|_| !is_off)?;
            Some((name, attribute(&input, "value").unwrap_or_default()))
        });
        Form {
            action: attribute(&tag, "action").unwrap_or_default(),
            fields: fields.collect(),
            html: piece.to_owned(),
        }
    });
    forms.collect()
}

/// The only form of a page that leads there and has this text in it.
#[track_caller]
pub(crate) fn form(html: &str, action: &str, text: &str) -> Form {
    let mut found = forms(html);
    found.retain(|form| form.action == action && form.html.contains(text));
    assert_eq!(found.len(), 1, "{action} with {text}: {found:?}\n{html}");
    found.remove(0)
}
