//! The state machine against a model of Alma: lost answers, kills and people's photos.

use proptest::prelude::*;

use super::*;

/// Alma's photos of one object.
#[derive(Debug, Clone, Default)]
struct Alma {
    /// The photos, in their order: id, and the file, or `None` for one of people's.
    photos: Vec<(i64, Option<String>)>,
    last_id: i64,
}

impl Alma {
    fn ids(&self) -> Vec<i64> {
        self.photos.iter().map(|(id, _)| *id).collect()
    }

    fn add(&mut self, file: Option<&str>) -> i64 {
        self.last_id += 1;
        self.photos.push((self.last_id, file.map(str::to_owned)));
        self.last_id
    }

    /// Takes a whole set: photos that it does not name are deleted.
    fn take(&mut self, entries: &[Entry<'_>]) {
        let before = std::mem::take(&mut self.photos);
        for entry in entries {
            match entry {
                Entry::Keep(id) => {
                    let kept = before.iter().find(|(known, _)| known == id);
                    self.photos.push(kept.expect("a set names photos that are there").clone());
                }
                Entry::Add(file) => {
                    self.add(Some(file));
                }
            }
        }
    }

    fn files(&self) -> Vec<&str> {
        self.photos.iter().filter_map(|(_, file)| file.as_deref()).collect()
    }

    fn peoples(&self) -> Vec<i64> {
        let peoples = self.photos.iter().filter(|(_, file)| file.is_none());
        peoples.map(|(id, _)| *id).collect()
    }
}

fn files(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Sends a plan, is answered, and sees the photos.
fn write(set: &mut PhotoSet, alma: &mut Alma, names: &[&str]) {
    let plan = set.plan(files(names), alma.ids(), true);
    if !plan.is_in_alma() {
        *set = plan.intent();
        alma.take(&plan.entries());
    }
    *set = plan.written().or_else(|| plan.shown(alma.ids())).unwrap();
}

#[test]
fn an_answer_that_was_lost_adds_no_photo_again() {
    let (mut set, mut alma) = (PhotoSet::default(), Alma::default());
    let plan = set.plan(files(&["a", "b"]), alma.ids(), true);
    assert_eq!(plan.entries(), [Entry::Add("a"), Entry::Add("b")]);
    set = plan.intent();
    alma.take(&plan.entries());
    // The process is killed here, or the answer does not come.
    let next = set.plan(files(&["a", "b"]), alma.ids(), true);
    assert!(next.is_in_alma() && !next.adds());
    assert_eq!(
        next.written().unwrap().0,
        [("a".into(), Photo::Known(1)), ("b".into(), Photo::Known(2))]
    );
}

#[test]
fn photos_that_a_lost_answer_left_are_known_before_some_of_them_go() {
    let (mut set, mut alma) = (PhotoSet::default(), Alma::default());
    let sent = set.plan(files(&["a", "b", "c", "d"]), alma.ids(), true);
    set = sent.intent();
    alma.take(&sent.entries());
    // That answer is lost, and so is the next: of a set that only takes photos away.
    let fewer = set.plan(files(&["d", "b"]), alma.ids(), true);
    assert!(!fewer.adds());
    set = fewer.intent();
    alma.take(&fewer.entries());
    write(&mut set, &mut alma, &["d", "b"]);
    assert_eq!(alma.files(), ["d", "b"]);
}

#[test]
fn a_request_that_never_arrived_is_sent_again() {
    let (set, mut alma) = (PhotoSet::default(), Alma::default());
    let theirs = alma.add(None);
    let set = set.plan(files(&["a"]), alma.ids(), true).intent();
    assert_eq!(set.0, [("a".into(), Photo::Sent { before: vec![theirs] })]);
    let next = set.plan(files(&["a"]), alma.ids(), true);
    assert_eq!(next.entries(), [Entry::Add("a"), Entry::Keep(theirs)]);
}

#[test]
fn after_a_refusal_a_new_photo_is_peoples() {
    let (mut set, mut alma) = (PhotoSet::default(), Alma::default());
    write(&mut set, &mut alma, &["a"]);
    set = set.plan(files(&["a", "b"]), alma.ids(), true).refused();
    assert_eq!(set.0, [("a".into(), Photo::Known(1))]);
    let theirs = alma.add(None);
    write(&mut set, &mut alma, &["b"]);
    assert_eq!((alma.files(), alma.peoples()), (vec!["b"], vec![theirs]));
}

#[test]
fn photos_of_an_adopted_object_are_taken_for_as_many_files() {
    let set = PhotoSet::default();
    assert!(set.plan(files(&["a", "b"]), vec![7, 5], false).is_in_alma());
    let plan = set.plan(files(&["a", "b"]), vec![7], false);
    assert_eq!(plan.entries(), [Entry::Add("a"), Entry::Add("b"), Entry::Keep(7)]);
    // What was sent once is not guessed.
    let plan = set.plan(files(&["a"]), vec![7], true);
    assert_eq!(plan.entries(), [Entry::Add("a"), Entry::Keep(7)]);
}

#[test]
fn a_photo_that_people_deleted_is_added_again() {
    let (mut set, mut alma) = (PhotoSet::default(), Alma::default());
    write(&mut set, &mut alma, &["a", "b"]);
    alma.photos.remove(0);
    write(&mut set, &mut alma, &["a", "b"]);
    assert_eq!(alma.files(), ["a", "b"]);
    assert_eq!(alma.ids(), [3, 2]);
}

#[test]
fn what_alma_does_not_show_yet_is_told_later() {
    let plan = PhotoSet::default().plan(files(&["a", "b"]), vec![1], true);
    assert_eq!(plan.written(), None);
    assert_eq!(plan.shown(vec![1, 2]), None);
    // Alma shows them in another order.
    let shown = plan.shown(vec![3, 1, 2]).unwrap();
    assert_eq!(shown.0, [("a".into(), Photo::Known(2)), ("b".into(), Photo::Known(3))]);
}

/// What happens to one attempt to write the set.
#[derive(Debug, Clone, Copy)]
enum Fate {
    /// Killed after the intent, before the request.
    KilledBefore,
    /// The request arrives; killed, or the answer lost.
    AnswerLost,
    /// Alma refuses the set.
    Refused,
    /// The answer comes, and Alma cannot be read afterwards.
    NotShown,
    Answered,
}

#[derive(Debug, Clone)]
enum Step {
    Source(Vec<&'static str>),
    PeopleAdd,
    PeopleDelete(usize),
    Write(Fate),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let source = proptest::sample::subsequence(vec!["a", "b", "c", "d", "e"], 0..=5);
    let fate = prop_oneof![
        Just(Fate::KilledBefore),
        Just(Fate::AnswerLost),
        Just(Fate::Refused),
        Just(Fate::NotShown),
        Just(Fate::Answered),
    ];
    let step = prop_oneof![
        2 => source.prop_shuffle().prop_map(Step::Source),
        1 => Just(Step::PeopleAdd),
        1 => (0..6usize).prop_map(Step::PeopleDelete),
        4 => fate.prop_map(Step::Write),
    ];
    proptest::collection::vec(step, 1..40)
}

proptest! {
    #[test]
    fn every_file_is_there_once_and_peoples_photos_stay(steps in steps()) {
        let (mut set, mut alma) = (PhotoSet::default(), Alma::default());
        let mut source = vec!["a"];
        // Whether files were sent and not shown since: people then add no photo and delete
        // none of ours, which could not be told from what became of the request.
        let mut is_unsure = false;
        for step in steps {
            let peoples = alma.peoples();
            match step {
                Step::Source(files) => source = files,
                Step::PeopleAdd => {
                    if !is_unsure {
                        alma.add(None);
                    }
                }
                Step::PeopleDelete(at) => {
                    let is_theirs =
                        alma.photos.get(at).is_some_and(|(_, file)| file.is_none());
                    if at < alma.photos.len() && (is_theirs || !is_unsure) {
                        alma.photos.remove(at);
                    }
                }
                Step::Write(fate) => {
                    let plan = set.plan(files(&source), alma.ids(), true);
                    if plan.is_in_alma() {
                        set = plan.written().unwrap();
                        is_unsure = false;
                    } else {
                        set = plan.intent();
                        is_unsure = plan.adds();
                        match fate {
                            Fate::KilledBefore => {}
                            Fate::Refused => {
                                set = plan.refused();
                                is_unsure = false;
                            }
                            Fate::AnswerLost | Fate::NotShown => {
                                alma.take(&plan.entries());
                                if let (Fate::NotShown, Some(written)) = (fate, plan.written()) {
                                    set = written;
                                }
                            }
                            Fate::Answered => {
                                alma.take(&plan.entries());
                                set = plan.written().or_else(|| plan.shown(alma.ids())).unwrap();
                                is_unsure = false;
                            }
                        }
                    }
                    prop_assert_eq!(alma.peoples(), peoples);
                }
            }
        }
        write(&mut set, &mut alma, &source);
        prop_assert_eq!(alma.files(), source);
    }
}
