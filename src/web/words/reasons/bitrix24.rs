//! What Bitrix24 lacks, or has wrong, of what Alma is sent.

use super::Sentence;

pub(super) const SENTENCES: &[Sentence] = &[
    (
        "unit {} has no apartment ({}): give it one in Bitrix24",
        "у юнита {} нет апартаментов ({}): укажите их в Битрикс24",
    ),
    ("{} units and is not shared: {~}", "юнитов {}, и они не сдаются по частям: {~}"),
    (
        "say in {} which of them it is let as, or correct Sharing in Bitrix24",
        "укажите в поле {}, которым из них сдаются, или исправьте Sharing в Битрикс24",
    ),
    ("unit {} is no item of Bitrix24", "юнит {} не элемент Битрикс24"),
    (
        "unit {} is not the one that apartment {}, which is not shared, is let as: correct {} or Sharing of the \
         apartment in Bitrix24",
        "юнит {} не тот, которым сдаются апартаменты {} (не по частям): исправьте {} или Sharing апартаментов в Битрикс24",
    ),
    (
        "it is about apartment {}, which is shared: name the room in {} in Bitrix24",
        "договор об апартаментах {}, которые сдаются по частям: назовите комнату в поле {} в Битрикс24",
    ),
    ("{} units", "юнитов: {}"),
    (
        "{~}: is the code in [bitrix24.fields] right, and may the webhook read the field?",
        "{~}; верен ли код в [bitrix24.fields] и может ли вебхук читать поле?",
    ),
    ("no {~}, which the item lacks altogether", "поля «{~}» у элемента нет совсем"),
    (
        "{} lacks {} altogether, by which bitrix24.only.{} tells what is wanted: is the code in [bitrix24.fields] right, \
         and may the webhook read the field?",
        "{#}: поля {} нет совсем, а по нему bitrix24.only.{} отбирает нужное; верен ли код в [bitrix24.fields] и может \
         ли вебхук читать поле?",
    ),
    (
        "lacks {}: nothing is sent to Alma for them; are their codes in [bitrix24.fields] right?",
        "полей нет: {}; в Alma по ним ничего не передаётся; верны ли их коды в [bitrix24.fields]?",
    ),
    (
        "is after {}; are pml_start and pml_end in [bitrix24.fields] right?",
        "позже, чем {}; верны ли pml_start и pml_end в [bitrix24.fields]?",
    ),
    (
        "is no whole number, as floors are in Alma, which is sent none",
        "не целое число, а этажи в Alma целые; этаж не передаётся",
    ),
    (
        "holds several files, of which Alma takes one: the newest is sent",
        "файлов несколько, а Alma принимает один: передаётся самый новый",
    ),
    (
        "a {~} that is not before its end ({}): correct them in Bitrix24",
        "{~}: не раньше, чем конец ({}); исправьте в Битрикс24",
    ),
    (
        "{} names contact {} as its co-tenant ({}), whose name the ledger does not have",
        "{#}: второй арендатор по контакту {} ({}), имени которого нет в журнале",
    ),
    (
        "{~} in {~}, where {} is expected: correct it in Bitrix24",
        "{~} в поле {~}, где нужно {}; исправьте в Битрикс24",
    ),
    ("item {} of entityTypeId {}", "элемент {} с entityTypeId {}"),
    ("an item of the unknown kind {}", "элемент неизвестного вида {}"),
    ("a list in a list", "список в списке"),
    ("amount with at most two decimals", "сумма не более чем с двумя знаками после запятой"),
    ("date", "дата"),
    ("number", "число"),
    ("Y or N", "Y или N"),
    ("the word \"-\" for {} in alma.tables.{}", "слово «-» у {} в alma.tables.{}"),
    // The fields, with their codes.
    ("amount ({})", "сумма ({})"),
    ("apartment ({})", "апартаменты ({})"),
    ("area ({})", "площадь ({})"),
    ("birthday ({})", "день рождения ({})"),
    ("co-tenant ({})", "второй арендатор ({})"),
    ("co-tenant's document ({})", "документ второго арендатора ({})"),
    ("co-tenant's scan ({})", "скан второго арендатора ({})"),
    ("contact ({})", "контакт ({})"),
    ("contract ({})", "договор ({})"),
    ("end ({})", "конец ({})"),
    ("history ({})", "история ({})"),
    ("identity document ({})", "удостоверение личности ({})"),
    ("management letter ({})", "доверенность на управление ({})"),
    ("management letter's start ({})", "начало доверенности на управление ({})"),
    ("management letter's end ({})", "конец доверенности на управление ({})"),
    ("number ({})", "номер ({})"),
    ("number of baths ({})", "число ванных ({})"),
    ("passport ({})", "паспорт ({})"),
    ("pool ({})", "бассейн ({})"),
    ("rent ({})", "аренда ({})"),
    ("start ({})", "начало ({})"),
    ("title ({})", "название ({})"),
    ("title deed ({})", "документ о собственности ({})"),
    ("type ({})", "вид ({})"),
    ("unit ({})", "юнит ({})"),
    ("work model ({})", "модель работы ({})"),
];
