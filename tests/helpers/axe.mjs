// axe-core on pages in a document without layout (jsdom): prints {path: [[rule, html], ...]} of its violations.
// Contrast needs layout and colours: tests/pages/test_contrast.py and the browser check that.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { JSDOM } from "jsdom";

const engine = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const found = {};
for (const path of process.argv.slice(2)) {
  const { window } = new JSDOM(readFileSync(path, "utf8"), { runScripts: "outside-only", pretendToBeVisual: true });
  window.eval(engine);
  const { violations, passes } = await window.axe.run(window.document, { rules: { "color-contrast": { enabled: false } } });
  if (passes.length < 20) throw new Error(`axe checked only ${passes.length} rules of ${path}`);
  found[path] = violations.flatMap((rule) => rule.nodes.map((node) => [rule.id, node.html]));
}
console.log(JSON.stringify(found));
