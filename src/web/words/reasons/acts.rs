//! Why an act was refused, and what a form lacks.

use super::Sentence;

pub(super) const SENTENCES: &[Sentence] = &[
    ("this was done already, at {} by {}", "это уже сделано: {}, {}"),
    ("there is no request {} of this kind to decide", "заявки {} нет, или она удалена"),
    ("{} has no {} to show", "{}: поля {} нет, показывать нечего"),
    ("{} is {}: there is nothing to try again", "{#} в состоянии {}: повторять нечего"),
    ("{} has changed meanwhile: audit it again", "{#}: тем временем изменилось; сверьте ещё раз"),
    (
        "{} was never sent: there is nothing to take back",
        "{#}: в Alma не отправлялось, возвращать нечего",
    ),
    (
        "{} has ended: nothing of it is sent any more",
        "{#}: срок истёк, больше ничего не отправляется",
    ),
    (
        "{} is left out by the config: nothing of it is sent",
        "{#}: исключено настройками, ничего не отправляется",
    ),
    ("a {} cannot be blocked, a unit or a room can", "{}: блокируются только юниты и комнаты"),
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
    ("category is needed: {}, and MACRO would guess", "нужна категория: {~}"),
    ("macrocrm.categories names none", "в macrocrm.categories не названа ни одна"),
    ("macrocrm.categories names {}", "в macrocrm.categories названы {}"),
    ("{} at house {}", "{#}, дом {}"),
    (
        "it must be a time such as 2026-06-11T10:30, or with an offset: 2026-06-11T10:30+03:00",
        "нужно время вроде 2026-06-11T10:30 или со смещением: 2026-06-11T10:30+03:00",
    ),
    ("{} goes with a request to add an object", "{}: это для заявки на добавление объекта"),
    ("{} goes with the rejection of a registration", "{}: это для отказа в регистрации"),
    ("{} goes with an approval", "{}: это для одобрения"),
    ("{} is empty", "{}: пусто"),
];
