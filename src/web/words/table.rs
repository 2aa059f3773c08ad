//! The table of words: name, Russian, English.

macro_rules! words {
    ($($name:ident: $ru:literal, $en:literal;)*) => {
        /// The words of a language.
        pub(in crate::web) struct Words {
            $(pub(in crate::web) $name: &'static str,)*
        }

        /// In Russian.
        pub(in crate::web) const RU: Words = Words { $($name: $ru,)* };
        /// In English.
        pub(in crate::web) const EN: Words = Words { $($name: $en,)* };
    };
}

words! {
    title: "Журнал УЖКХ", "UZhKH ledger";
    skip: "К содержанию", "Skip to content";
    menu: "Разделы", "Sections";
    language: "English", "Русский";
    sign_in: "Войти", "Sign in";
    sign_out: "Выйти", "Sign out";
    name: "Имя", "Name";
    password: "Пароль", "Password";
    wrong_password: "Имя или пароль не подходит.", "The name or the password is wrong.";
    too_many: "Слишком много попыток. Подождите и попробуйте снова.", "Too many attempts. Wait, then try again.";
    signed_in_as: "Вы вошли как", "Signed in as";
    viewer: "просмотр", "viewer";
    operator: "оператор", "operator";
    auditor: "аудитор", "auditor";

    today: "Сегодня", "Today";
    requests: "Заявки", "Requests";
    keys: "Ключи", "Keys";
    stuck: "Застряло", "Stuck";
    quarantine: "Карантин", "Quarantine";
    alma: "Alma", "Alma";
    search: "Поиск", "Search";
    systems: "Системы", "Systems";
    log: "Журнал действий", "Log";

    approve: "Одобрить", "Approve";
    reject: "Отклонить", "Reject";
    show_times: "Показать время", "Show times";
    book: "Забронировать", "Book";
    retry: "Повторить", "Retry";
    release: "Отпустить", "Release";
    give_up: "Отказаться", "Give up";
    done: "Исполнено", "Done";
    not_done: "Не исполнено", "Not done";
    show: "Показать", "Show";
    poll_now: "Опросить", "Poll now";
    accept: "Принять", "Accept";
    block: "Заблокировать", "Block";
    unblock: "Разблокировать", "Unblock";
    confirm: "Подтвердить", "Confirm";
    find: "Найти", "Search";
    back: "Назад", "Back";
    filter: "Отобрать", "Filter";

    sending: "отправляется", "sending";
    state_done: "исполнено", "done";
    failed: "не удалось", "failed";
    unknown: "исход неизвестен", "outcome unknown";

    cause: "Причина", "Cause";
    account_number: "Номер лицевого счёта", "Account number";
    notify: "Уведомить", "Notify";
    flat: "Квартира", "Flat";
    date: "Дата", "Date";
    time: "Время", "Time";
    phone: "Телефон", "Phone";
    email: "E-mail", "E-mail";
    person: "Кто просит", "Applicant";
    resident: "Жилец", "Resident";
    since: "С", "Since";
    state: "Состояние", "State";
    kind: "Вид", "Kind";
    system: "Система", "System";
    operation: "Действие", "Operation";
    reason: "Причина", "Reason";
    attempts: "Попытки", "Attempts";
    all: "все", "all";
    first: "первые", "the first";
    all_done: "Исполнены все", "Done: all";
    none_done: "Не исполнен ни один из", "Not done: all";
    retry_all: "Повторить все", "Retry all";
    give_up_all: "Отказаться от всех", "Give up all";
    of: "из", "of";
    waiting_states: "ждут человека", "waiting for a person";
    yes: "да", "yes";
    no: "нет", "no";
    not_known: "не найдено в журнале", "not in the ledger";
    hidden: "скрыто", "hidden";
    deleted: "удалено", "deleted";
    missing: "нет в полном списке с", "missing from the full list since";

    down: "Не отвечают", "Not answering";
    waits: "Ждёт вас", "Waiting for you";
    nothing_waits: "Ничего не ждёт.", "Nothing is waiting.";
    quiet_since: "С", "Since";
    previous: "Раньше", "Previous";
    next: "Дальше", "Next";

    register_title: "Регистрация лицевого счёта", "Registration of an account";
    object_title: "Добавление объекта", "Adding an object";
    decided: "Решено недавно", "Decided lately";
    approved: "одобрено", "approved";
    rejected: "отклонено", "rejected";
    no_requests: "Открытых заявок нет.", "There is no open request.";
    cause_hint: "Нужна, чтобы отклонить; её увидит житель.", "Needed to reject; the resident sees it.";
    number_hint: "Нужен, чтобы одобрить.", "Needed to approve.";
    account_known: "счёт есть в журнале", "the account is in the ledger";
    account_elsewhere: "счёт в журнале за другой квартирой", "the ledger has the account at another flat";
    account_unknown: "такого счёта в журнале нет", "the ledger has no such account";
    flat_unknown: "такой квартиры в журнале нет", "the ledger has no such flat";

    keys_off: "MACRO не настроен: ключи бронировать негде.", "MACRO is not configured: there is nowhere to book keys.";
    no_flats: "Готовых к передаче объектов нет.", "There is nothing ready to be handed over.";
    no_times: "В этот день свободного времени нет.", "There is no free time on that day.";
    times_failed: "MACRO не ответил:", "MACRO did not answer:";
    bookings: "Бронирования", "Bookings";
    no_bookings: "Бронирований ещё не было.", "Nothing has been booked yet.";
    booked_at: "Передача ключей", "Handover";
    said: "Ответ", "Answer";
    again: "Забронировать ещё раз, хотя бронь уже есть или могла быть", "Book again although there is, or may be, a booking";

    no_stuck: "Ничего не застряло.", "Nothing is stuck.";
    page_gone: "На этой странице уже ничего нет.", "There is nothing left on this page.";
    stuck_hint: "Исход неизвестен: посмотрите в самой системе, сделано ли, и скажите здесь.", "Outcome unknown: look into the system itself, then say here whether it was done.";
    no_quarantine: "Карантин пуст.", "The quarantine is empty.";
    queue: "Откуда", "From";
    text: "Текст", "Text";
    cut: "показано начало", "the beginning is shown";
    no_alma: "По этому отбору объектов нет.", "No object matches.";
    alma_off: "Alma не настроена.", "Alma is not configured.";
    object: "Объект", "Object";

    search_hint: "Квартира («ткачей 13 5»), фамилия, телефон, номер счёта или договора, любой id, Guid записи", "A flat (“tkachey 13 5”), a surname, a phone, an account or contract number, any id, the Guid of an entry";
    search_hint_viewer: "Квартира («ткачей 13 5»), номер счёта, любой id", "A flat (“tkachey 13 5”), an account number, any id";
    nothing_found: "Ничего не найдено.", "Nothing was found.";
    index_filling: "Указатель ещё заполняется: найдено может быть не всё.", "The index is still being filled: not everything may be found.";
    only_first: "Показаны первые 50; уточните запрос.", "The first 50 are shown; say more to narrow it down.";

    history: "История", "History";
    fields: "Сведения", "Details";
    relatives: "Связано", "Related";
    calls: "Вызовы", "Calls";
    findings: "Замечания к данным", "Findings";
    in_alma: "В Alma", "In Alma";
    envelope: "Конверт", "Envelope";
    by_list: "из полного списка", "from a full list";
    by_operator: "по слову учётной системы или оператора", "by the accounting system or an operator";
    op_insert: "появилось", "came";
    op_update: "изменилось", "changed";
    op_delete: "удалено", "deleted";
    op_restore: "вернулось", "came back";
    op_rename: "получило постоянный id", "was named";
    earlier_ids: "Прежние id", "Earlier ids";
    more_changes: "Показаны последние изменения.", "The latest changes are shown.";
    away: "Служба не отвечает: то, что на странице, могло устареть.", "The service does not answer: what is on this page may be old.";
    shown_once: "Показано один раз; показ записан в журнал.", "Shown once; the log has it.";

    last_run: "Последний опрос", "Last run";
    last_ok: "Последний успешный", "Last success";
    fetched: "получено", "fetched";
    changed: "изменено", "changed";
    ok: "в порядке", "ok";
    unauthorized: "нет доступа", "unauthorized";
    never: "ещё не было", "never";
    shrink_hint: "Следующее полное чтение удалит всё, чего в нём нет.", "The next full read deletes whatever it lacks.";

    at: "Когда", "When";
    actor: "Кто", "Who";
    via: "Откуда", "By way of";
    act: "Действие", "Act";
    target: "Над чем", "On";
    outcome: "Итог", "Outcome";
    no_acts: "Записей пока нет.", "There is no entry yet.";

    confirm_title: "Подтвердите", "Confirm";
    will_be_sent: "Будет отправлено", "What will be sent";
    once_only: "Отправляется один раз, взять назад нельзя.", "It is sent once and cannot be taken back.";
    forgotten: "Не применяется; УЖКХ забудет эту запись навсегда.", "It is not applied, and UZhKH forgets the entry for good.";
    put_away: "Не применяется и убирается из списка.", "It is not applied, and put away.";
    all_forgotten: "Не применяется. Записи УЖКХ будут забыты там навсегда (без Guid останутся), остальное убирается из списка.", "It is not applied. UZhKH forgets its entries for good (those without a Guid stay); what is of other systems is put away.";
    what_fails_stays: "Что и теперь не применить, останется в карантине.", "What still cannot be applied stays in quarantine.";
    taken_as_said: "Служба поверит сказанному и эти вызовы больше не отправит.", "The service takes it as said, and does not send these calls again.";
    none_left: "По этому отбору ничего не осталось.", "Nothing matches any more.";
    rest_stays: "Остальное не изменилось и осталось в списке.", "The rest is as it was, and still in the list.";
    count: "Сколько", "How many";
    result_title: "Сделано", "Done";
    acted_before: "Это уже сделано или отправлено:", "This was done, or is on its way, already:";
    other_now: "Теперь это не те объекты или не те причины, которые были показаны. Посмотрите ещё раз.", "By now these are not the objects, or not the reasons, that were shown. Look again.";
    refused_title: "Не сделано", "Not done";
    follow_here: "Следить здесь:", "Follow it here:";
    to_the_list: "К списку", "Back to the list";
    to_the_card: "К карточке", "To the card";

    not_found: "Такой страницы нет.", "There is no such page.";
    no_record: "Такой записи в журнале нет.", "The ledger has no such record.";
    forbidden: "Для этого у вас нет прав.", "You are not allowed to do this.";
    forged: "Запрос пришёл не с этой страницы и не исполнен.", "The request did not come from this page and was not carried out.";
    bad_form: "Форма неполна.", "The form is incomplete.";
    late_form: "Форма не пришла вовремя. Отправьте её ещё раз.", "The form did not come in time. Send it again.";
    failed_page: "Не получилось. Попробуйте ещё раз; если не помогает, посмотрите в журнал службы.", "That did not work. Try again; if that does not help, look into the log of the service.";
    disk_full: "Диск полон: ничего не записано. Освободите место и попробуйте ещё раз.", "The disk is full: nothing was written. Make room and try again.";
}
