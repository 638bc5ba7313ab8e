// For browsers that do not open what holds the target of a link.
function reveal() {
  const target = document.getElementById(location.hash.slice(1));
  if (!target) return;
  for (let one = target.parentElement; one; one = one.parentElement) {
    if (one.tagName === "DETAILS") one.open = true;
  }
  target.scrollIntoView();
}
addEventListener("hashchange", reveal);
reveal();
