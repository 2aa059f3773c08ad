// A page that looks at itself now and then says when it cannot: what stands there may be old.
'use strict';
const tell = (isAway) => {
    document.getElementById('away').hidden = !isAway;
};
for (const failure of ['htmx:sendError', 'htmx:responseError', 'htmx:timeout']) {
    document.addEventListener(failure, () => tell(true));
}
document.addEventListener('htmx:afterSwap', () => tell(false));
