// Everything is readable without this: it shows the nearest point's value, and copies commands.
const tip = document.createElement("div");
tip.id = "tip";
tip.hidden = true;
document.body.append(tip);
for (const svg of document.querySelectorAll(".chart > svg")) {
  const dots = [...svg.querySelectorAll("[data-said]")];
  let lit;
  const leave = () => { lit?.classList.remove("lit"); tip.hidden = true; };
  svg.addEventListener("pointerleave", leave);
  svg.addEventListener("pointermove", (event) => {
    leave();
    let nearest = 60;
    for (const dot of dots) {
      const box = dot.getBoundingClientRect();
      const away = Math.hypot(box.x + box.width / 2 - event.clientX, (box.y + box.height / 2 - event.clientY) / 3);
      if (away < nearest) [nearest, lit] = [away, dot];
    }
    if (nearest === 60) return;
    lit.classList.add("lit");
    tip.textContent = lit.dataset.said;
    tip.hidden = false;
    const box = lit.getBoundingClientRect();
    const left = Math.min(box.x + scrollX + 10, scrollX + document.documentElement.clientWidth - tip.offsetWidth - 8);
    tip.style.left = `${left}px`;
    tip.style.top = `${box.y + scrollY - tip.offsetHeight - 6}px`;
  });
}
for (const commands of document.querySelectorAll(".commands")) {
  const button = document.createElement("button");
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(commands.querySelector("pre").textContent);
    button.textContent = "Copied";
  });
  commands.append(button);
}
