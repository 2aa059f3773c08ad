//! Why an act was refused, and what a form lacks.

use super::Sentence;

pub(super) const SENTENCES: &[Sentence] = &[
    ("there is no call {}; see `{-}`", "вызова {} нет"),
    (
        "call {} is pending: the service sends it; `{-}` tells how it stands",
        "вызов {} ещё отправляется",
    ),
    (
        "call {} has failed already; `{-}` puts it away",
        "вызов {} уже не удался; «Исполнено» убирает его",
    ),
    (
        "call {} is done: there is nothing to settle; `{-}` has it",
        "вызов {} исполнен, решать нечего",
    ),
    (
        "nothing with the number {} is quarantined; see `{-}`",
        "под номером {} в карантине ничего нет",
    ),
    (
        "quarantined {} still cannot be applied: {~}; `{-}` has its text, `{-}` gives it up",
        "номер {} и теперь не применить: {~}. «Отказаться» забудет его",
    ),
    (
        "quarantined {} still cannot be applied: {~}; `{-}` has its text, `{-}` puts it away",
        "номер {} и теперь не применить: {~}. «Отказаться» уберёт его",
    ),
    (
        "quarantined {} is of a list that is read whole each time: what is understood by now comes with the next read; \
         `{-}` puts this one away",
        "номер {} из списка, который каждый раз читается целиком: что теперь понятно, придёт со следующим чтением; «Отказаться» уберёт этот",
    ),
    (
        "quarantined {} has no Guid, so there is nothing to acknowledge it by; UZhKH must remove it: `{-}` has the text \
         to send to its support",
        "у номера {} нет Guid, подтвердить его нечем; убрать его должно УЖКХ: перешлите текст его поддержке",
    ),
    (
        "a time for {} is about to be booked already, {} (call {}); `{-}` tells how it stands",
        "время для {} уже бронируется: {} (вызов {})",
    ),
    (
        "a time for {} was booked already, {} (call {}); --again books another one",
        "время для {} уже забронировано: {} (вызов {})",
    ),
    (
        "a time for {} may have been booked already, {} (call {}); {-}",
        "время для {}, возможно, уже забронировано: {} (вызов {}); посмотрите в MACRO",
    ),
    ("request {} was decided already (call {}); {-}", "по заявке {} уже решено (вызов {})"),
    (
        "request {} is about to be decided already (call {}); {-}",
        "решение по заявке {} уже отправляется (вызов {})",
    ),
    (
        "request {} may have been decided already (call {}); {-}",
        "по заявке {}, возможно, уже решено (вызов {}); посмотрите в УЖКХ и скажите исход на странице «Застряло»",
    ),
    ("this was done already, at {} by {}", "это уже сделано: {}, {}"),
    ("there is no request {} of this kind to decide", "заявки {} нет, или она удалена"),
    ("{} has no {} to show", "{}: поля {} нет, показывать нечего"),
    ("there is no {}; `{-}` and the table alma_object show what there is", "объекта {} нет"),
    ("{} is {}: there is nothing to try again", "{} в состоянии {}: повторять нечего"),
    ("{} is held; `{-}` lets go on", "{} ждёт: сначала отпустите"),
    ("{} has changed meanwhile: audit it again", "{} тем временем изменился: сверьте ещё раз"),
    ("{} is {}, not held; `{-}` shows what is", "{} в состоянии {}, отпускать нечего"),
    ("a {} cannot be blocked, a unit or a room can", "{}: блокируются только юниты и комнаты"),
    ("{} is not in Alma yet; `{-}` says why", "{} ещё нет в Alma; почему, сказано в списке"),
    ("cause is needed to reject a registration", "Чтобы отклонить регистрацию, нужна причина"),
    (
        "account_number is needed to approve an object",
        "Чтобы одобрить объект, нужен номер лицевого счёта",
    ),
    ("{} has more than {} characters", "{}: больше {} знаков"),
    ("id is empty", "id: пусто"),
    ("house is empty", "не указан дом"),
    ("flat is empty", "не указана квартира"),
    ("phone is empty", "не указан телефон"),
    (
        "at does not exist: the clocks are put forward then",
        "такого времени нет: в этот час часы переводят вперёд",
    ),
    ("at {} is past", "время {} уже прошло"),
    ("category is needed: {}, and MACRO would guess", "нужна категория: {}"),
];
