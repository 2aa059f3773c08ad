//! Reasons that name a command of the shell: as the ledger has them, and for a page, in English
//! and in Russian. Who reads them there has no shell, but often a button.

/// A pattern, and what a page says instead, in English and in Russian.
type Instead = (&'static str, &'static str, &'static str);

pub(super) const SENTENCES: &[Instead] = &[
    // Refused acts.
    ("there is no call {}; see `{-}`", "there is no call {}", "вызова {} нет"),
    (
        "call {} is pending: the service sends it; `{-}` tells how it stands",
        "call {} is still on its way",
        "вызов {} ещё отправляется",
    ),
    (
        "call {} has failed already; `{-}` puts it away",
        "call {} has failed already; “Done” puts it away",
        "вызов {} уже не удался; «Исполнено» убирает его",
    ),
    (
        "call {} is done: there is nothing to settle; `{-}` has it",
        "call {} is done: there is nothing to settle",
        "вызов {} исполнен, решать нечего",
    ),
    (
        "nothing with the number {} is quarantined; see `{-}`",
        "nothing with the number {} is quarantined",
        "под номером {} в карантине ничего нет",
    ),
    (
        "quarantined {} still cannot be applied: {~}; `{-}` has its text, `{-}` gives it up",
        "number {} still cannot be applied: {~}. “Give up” has it forgotten",
        "номер {} и теперь не применить: {~}. «Отказаться» забудет его",
    ),
    (
        "quarantined {} still cannot be applied: {~}; `{-}` has its text, `{-}` puts it away",
        "number {} still cannot be applied: {~}. “Give up” puts it away",
        "номер {} и теперь не применить: {~}. «Отказаться» уберёт его",
    ),
    (
        "quarantined {} still cannot be applied: {~}; without a Guid UZhKH must remove it: `{-}` has the text to send to \
         its support",
        "number {} still cannot be applied: {~}. Without a Guid UZhKH must remove it: send its text to their support",
        "номер {} и теперь не применить: {~}. Без Guid убрать его должно УЖКХ: перешлите текст его поддержке",
    ),
    (
        "quarantined {} is of a list that is read whole each time: what is understood by now comes with the next read; \
         `{-}` puts this one away",
        "number {} is of a list that is read whole each time: what is understood by now comes with the next read; \
         “Give up” puts this one away",
        "номер {} из списка, который каждый раз читается целиком: что теперь понятно, придёт со следующим чтением; \
         «Отказаться» уберёт этот",
    ),
    (
        "quarantined {} has no Guid, so there is nothing to acknowledge it by; UZhKH must remove it: `{-}` has the text \
         to send to its support",
        "number {} has no Guid, so there is nothing to acknowledge it by; UZhKH must remove it: send its text to their \
         support",
        "у номера {} нет Guid, подтвердить его нечем; убрать его должно УЖКХ: перешлите текст его поддержке",
    ),
    (
        "a time for {} is about to be booked already, {} (call {}); `{-}` tells how it stands",
        "a time for {} is about to be booked already, {} (call {})",
        "{~}: время уже бронируется, {} (вызов {})",
    ),
    (
        "a time for {} was booked already, {} (call {}); --again books another one",
        "a time for {} was booked already, {} (call {}); to book another one, tick “Book again” in the form",
        "{~}: время уже забронировано, {} (вызов {}); для ещё одной брони отметьте в форме «Забронировать ещё раз»",
    ),
    (
        "a time for {} may have been booked already, {} (call {}); {-}",
        "a time for {} may have been booked already, {} (call {}): look into MACRO, and only if it is not there book it \
         with “Book again” ticked in the form",
        "{~}: время, возможно, уже забронировано, {} (вызов {}); посмотрите в MACRO, и только если брони там нет, \
         отметьте в форме «Забронировать ещё раз»",
    ),
    (
        "request {} was decided already (call {}); {-}",
        "request {} was decided already (call {})",
        "по заявке {} уже решено (вызов {})",
    ),
    (
        "request {} is about to be decided already (call {}); {-}",
        "the decision on request {} is on its way already (call {})",
        "решение по заявке {} уже отправляется (вызов {})",
    ),
    (
        "request {} may have been decided already (call {}); {-}",
        "request {} may have been decided already (call {}): look into UZhKH, then say on the page “Stuck” what came of it",
        "по заявке {}, возможно, уже решено (вызов {}); посмотрите в УЖКХ и скажите исход на странице «Застряло»",
    ),
    (
        "there is no {}; `{-}` and the table alma_object show what there is",
        "there is no {}",
        "нет такого: {#}",
    ),
    ("{} is held; `{-}` lets go on", "{} is held: release it first", "{#} ждёт: сначала отпустите"),
    (
        "{} is {}, not held; `{-}` shows what is",
        "{} is {}: there is nothing to release",
        "{#} в состоянии {}, отпускать нечего",
    ),
    (
        "{} is not in Alma yet; `{-}` says why",
        "{} is not in Alma yet; the list says why",
        "{#} ещё не в Alma; почему, сказано в списке",
    ),
    // Reads that would delete too much.
    (
        "it came empty, and showed {} before; nothing was deleted. If they are gone indeed: {-}",
        "it came empty, and showed {} before; nothing was deleted. If they are gone indeed, press “Accept” on the page \
         “Systems”",
        "список пришёл пустым, а раньше в нём было {}; ничего не удалено. Если их и правда больше нет, нажмите \
         «Принять» на странице «Системы»",
    ),
    (
        "{} of the {} it showed are missing from it, which is over max_shrink ({} %); nothing was deleted. If they are \
         gone indeed: {-}",
        "{} of the {} it showed are missing from it, which is over max_shrink ({} %); nothing was deleted. If they are \
         gone indeed, press “Accept” on the page “Systems”",
        "из списка исчезло {} из {}, больше max_shrink ({} %); ничего не удалено. Если их и правда больше нет, нажмите \
         «Принять» на странице «Системы»",
    ),
    // Why the relay brings nothing.
    (
        "second relay: the ledger {} is written by {}, which was last there at {}, and this is {}; {-}",
        "second relay: the ledger {} is written by {}, which was last there at {}, and this is {}; one of the two has to \
         be stopped",
        "туда пишет и другая служба: журнал {} ведёт {}, была там {}, а это {}; одну из двух нужно остановить",
    ),
    // Why an object of Alma waits.
    (
        "waits for its name: the accounting system gives it, or `{-}`",
        "waits for its name, which the accounting system gives",
        "ждёт постоянный id от учётной системы",
    ),
    (
        "of {}, and alma.source is another one by now: nothing is written to it. `{-}` lets the new source have it \
         where that calls one so, and else archives it in Alma, with its rooms and, for good, its contracts",
        "of {}, and alma.source is another one by now: nothing is written to it. “Release” lets the new source have it \
         where that calls one so, and else archives it in Alma, with its rooms and, for good, its contracts",
        "из источника {}, а alma.source теперь другой: ничего не записывается. «Отпустить» отдаст его новому \
         источнику, если у него есть объект с тем же номером, а иначе отправит в архив Alma вместе с комнатами, а \
         договоры — навсегда",
    ),
    (
        "of {}, and alma.source is another one by now: nothing is written to it. `{-}` lets the new source have it \
         where that calls one so, and else archives it in Alma and, for good, its contracts",
        "of {}, and alma.source is another one by now: nothing is written to it. “Release” lets the new source have it \
         where that calls one so, and else archives it in Alma and, for good, its contracts",
        "из источника {}, а alma.source теперь другой: ничего не записывается. «Отпустить» отдаст его новому \
         источнику, если у него есть объект с тем же номером, а иначе отправит в архив Alma, а его договоры — навсегда",
    ),
    (
        "of {}, and alma.source is another one by now: nothing is written to it. `{-}` lets the new source have it \
         where that calls one so, and else takes it for ended: end it in Alma's web interface first",
        "of {}, and alma.source is another one by now: nothing is written to it. “Release” lets the new source have it \
         where that calls one so, and else takes it for ended: end it in Alma's web interface first",
        "из источника {}, а alma.source теперь другой: ничего не записывается. «Отпустить» отдаст его новому \
         источнику, если у него есть объект с тем же номером, а иначе сочтёт законченным: сначала закончите его в самой \
         Alma",
    ),
    (
        "of {}, and alma.source is another one by now: nothing is written to it. `{-}` lets the new source have it \
         where that calls one so, and else leaves it there and asks no more",
        "of {}, and alma.source is another one by now: nothing is written to it. “Release” lets the new source have it \
         where that calls one so, and else leaves it there and asks no more",
        "из источника {}, а alma.source теперь другой: ничего не записывается. «Отпустить» отдаст его новому \
         источнику, если у него есть объект с тем же номером, а иначе оставит в Alma и больше не спросит",
    ),
    (
        "no longer in the ledger; `{-}` archives it in Alma, with its rooms and, for good, its contracts",
        "no longer in the ledger; “Release” archives it in Alma, with its rooms and, for good, its contracts",
        "в журнале больше нет; «Отпустить» отправит в архив Alma вместе с комнатами, а договоры — навсегда",
    ),
    (
        "no longer in the ledger; `{-}` archives it in Alma and, for good, its contracts",
        "no longer in the ledger; “Release” archives it in Alma and, for good, its contracts",
        "в журнале больше нет; «Отпустить» отправит в архив Alma, а его договоры — навсегда",
    ),
    (
        "no longer in the ledger, and still in force in Alma, whose API cannot end it: end it in Alma's web interface, \
         then `{-}`",
        "no longer in the ledger, and still in force in Alma, whose API cannot end it: end it in Alma's web interface, \
         then press “Release”",
        "в журнале больше нет, а в Alma действует, и её API закончить не может: закончите в самой Alma, затем «Отпустить»",
    ),
    (
        "no longer in the ledger; Alma's API cannot archive it: `{-}` leaves it there and asks no more",
        "no longer in the ledger; Alma's API cannot archive it: “Release” leaves it there and asks no more",
        "в журнале больше нет; в архив API Alma отправить не может: «Отпустить» оставит там и больше не спросит",
    ),
    (
        "no longer in the ledger, and {}, which the config leaves out, is in it: `{-}` archives it in Alma with all that \
         is in it, contracts for good",
        "no longer in the ledger, and {}, which the config leaves out, is in it: “Release” archives it in Alma with all \
         that is in it, contracts for good",
        "в журнале больше нет, а в нём {#}, что не входит в настройки: «Отпустить» отправит его в архив Alma со всем, что \
         в нём есть, а договоры — навсегда",
    ),
    (
        "no longer a room in the ledger, and let in Alma: {}; `{-}` archives it there and, for good, {}, which is then \
         held until it may be made anew",
        "no longer a room in the ledger, and let in Alma: {}; “Release” archives it there and, for good, {}, which is \
         then held until it may be made anew",
        "в журнале больше не комната, а в Alma сдана: {#}; «Отпустить» отправит её там в архив и, навсегда, {#}, чей \
         договор затем ждёт, пока его можно создать заново",
    ),
    (
        "called off before it began: end it in Alma's web interface, then `{-}`",
        "called off before it began: end it in Alma's web interface, then press “Retry”",
        "отменено до начала: закончите в самой Alma, затем «Повторить»",
    ),
    (
        "over in the ledger, and it runs on in Alma: `{-}` ends it there on the first day that Alma takes, tomorrow",
        "over in the ledger, and it runs on in Alma: “Release” ends it there on the first day that Alma takes, tomorrow",
        "в журнале закончено, а в Alma действует: «Отпустить» закончит там в первый день, который Alma примет, завтра",
    ),
    (
        "{}: the file {} cannot be had: {~}; then `{-}`",
        "{}: the file {} cannot be had: {~}; then press “Retry”",
        "{}: файла {} не получить: {~}; затем «Повторить»",
    ),
    (
        "photos: {~}, and it deletes what it is not named: set them in its web interface, and take them out in the \
         source; then `{-}`",
        "photos: {~}, and it deletes what it is not named: set them in its web interface, and take them out in the \
         source; then press “Retry”",
        "photos: {~}, а чего ей не назвать, она удаляет: поставьте их в самой Alma и уберите в источнике, затем «Повторить»",
    ),
    (
        "Alma finds nothing to let under {} (rental_object): where it is archived there, unarchive it, then `{-}`",
        "Alma finds nothing to let under {} (rental_object): where it is archived there, unarchive it, then press “Retry”",
        "Alma не находит по {} (rental_object), что сдавать: если там оно в архиве, верните из архива, затем «Повторить»",
    ),
    (
        "it is about {} (Alma's id {}), and Alma finds under {} (rental_object) another live one, {} (Alma's id {}): \
         correct the numbers in Alma or in the source, then `{-}`",
        "it is about {} (Alma's id {}), and Alma finds under {} (rental_object) another live one, {} (Alma's id {}): \
         correct the numbers in Alma or in the source, then press “Retry”",
        "речь о другом: {#} (id в Alma {}), а по {} (rental_object) Alma находит действующее: {#} (id в Alma {}); \
         исправьте номера в Alma или в источнике, затем «Повторить»",
    ),
    (
        "{} is to move to another unit first: archiving this one would end it for good. Say in the source what it is \
         about now, or delete it there where it is over; `{-}` says what it waits for",
        "{} is to move to another unit first: archiving this one would end it for good. Say in the source what it is \
         about now, or delete it there where it is over",
        "{#} сначала переходит на другой юнит: отправить этот в архив значило бы закончить договор навсегда. Укажите в \
         источнике, о чём договор теперь, или удалите его там, если он закончен",
    ),
    (
        "{} is still in it: archiving this one would archive that too. Say in the source where it is now, or delete it \
         there where it is let no more; `{-}` says what it waits for",
        "{} is still in it: archiving this one would archive that too. Say in the source where it is now, or delete it \
         there where it is let no more",
        "{#} ещё числится здесь: отправить этот юнит в архив значило бы отправить туда и комнату. Укажите в источнике, где \
         она теперь, или удалите её там, если её больше не сдают",
    ),
    (
        "Alma no longer has it under its id {}; `{-}` looks for it anew, and makes it where there is none",
        "Alma no longer has it under its id {}; “Release” looks for it anew, and makes it where there is none",
        "в Alma этого под id {} больше нет; «Отпустить» поищет заново и создаст, если нет",
    ),
    (
        "it has another client in Alma, whose API cannot change that: end it in Alma's web interface, then `{-}` makes \
         another",
        "it has another client in Alma, whose API cannot change that: end it in Alma's web interface, then “Release” \
         makes another",
        "в Alma у него другой клиент, и её API изменить это не может: закончите в самой Alma, затем «Отпустить» создаст другой",
    ),
    (
        "archived in Alma, and live in the ledger; `{-}` unarchives it, with its rooms and its building",
        "archived in Alma, and live in the ledger; “Release” unarchives it, with its rooms and its building",
        "в Alma в архиве, а в журнале действует; «Отпустить» вернёт из архива, с комнатами и зданием",
    ),
    (
        "archived in Alma, and live in the ledger; `{-}` unarchives it, with its unit and its building",
        "archived in Alma, and live in the ledger; “Release” unarchives it, with its unit and its building",
        "в Alma в архиве, а в журнале действует; «Отпустить» вернёт из архива, с юнитом и зданием",
    ),
    (
        "archived in Alma, for good, and live in the ledger; `{-}` makes another in its place",
        "archived in Alma, for good, and live in the ledger; “Release” makes another in its place",
        "в Alma навсегда в архиве, а в журнале действует; «Отпустить» создаст вместо него другой",
    ),
    (
        "archived in Alma, and live in the ledger; unarchive it in Alma's web interface, then `{-}`",
        "archived in Alma, and live in the ledger; unarchive it in Alma's web interface, then press “Release”",
        "в Alma в архиве, а в журнале действует; верните из архива в самой Alma, затем «Отпустить»",
    ),
    (
        "{} of {} apartments of {} name it so: this may be its new name, which that gets once all of them do. Where \
         these have moved for good, `{-}` makes another building",
        "{} of {} apartments of {} name it so: this may be its new name, which that gets once all of them do. Where \
         these have moved for good, “Release” makes another building",
        "так здание называют апартаменты: {} из {}, что были в «{}»; если это его новое имя, оно получит его, когда так \
         назовут все. Если эти переехали совсем, «Отпустить» создаст другое здание",
    ),
    (
        "{} are each to have what the next one has, and Alma takes no two contracts of one flat at a time. `{-}` has \
         this one begin later for the moment in which the others move: its tenant is without a flat so long. Or \
         exchange them in Alma's web interface",
        "{} are each to have what the next one has, and Alma takes no two contracts of one flat at a time. “Release” has \
         this one begin later for the moment in which the others move: its tenant is without a flat so long. Or \
         exchange them in Alma's web interface",
        "меняются жильём по кругу: {#}, а двух договоров на одно жильё сразу Alma не принимает. «Отпустить» перенесёт \
         начало этого договора на то время, пока переезжают остальные: столько его жилец без квартиры. Или поменяйте \
         их местами в самой Alma",
    ),
    (
        "Alma has them otherwise than they were last sent: `{-}` shows how",
        "Alma has them otherwise than they were last sent",
        "в Alma они не такие, какими были переданы",
    ),
];
