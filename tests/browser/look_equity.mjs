// Opens the equity page in Chromium as its reader does, its policy in force; chooses every indicator and measure in its newest period, and says as
// JSON what it saw. Usage: node look_equity.mjs <chromium> <page> [folder for screenshots]
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [executablePath, page, folder] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const address = pathToFileURL(page).href;
const asked = [];
const errors = [];

async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const tab = await context.newPage();
  tab.on("request", (request) => asked.push(request.url()));
  tab.on("pageerror", (error) => errors.push(String(error)));
  tab.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await tab.goto(address, { waitUntil: "load" });
  return tab;
}

// Every picture is drawn when each place for one has its SVG.
const drawn = (tab) =>
  tab.waitForFunction(() => document.querySelector("#chosen h2") && [...document.querySelectorAll(".chart")].every((one) => one.querySelector("svg")), null, { timeout: 15000 });
const sections = (tab) =>
  tab.evaluate(() =>
    [...document.querySelectorAll("#chosen section")].map((one) => ({
      id: one.id,
      charts: one.querySelectorAll(".chart svg").length,
      marks: one.querySelectorAll(".chart svg path").length,
      named: [...one.querySelectorAll(".chart")].every((chart) => chart.getAttribute("aria-label")),
      refused: one.querySelectorAll(".refused").length,
      headings: [...one.querySelectorAll("thead th")].map((cell) => cell.textContent),
      first: [...one.querySelectorAll("tbody th")].map((cell) => cell.textContent),
      rows: one.querySelectorAll("tbody tr").length,
    })),
  );

try {
  const tab = await open();
  await drawn(tab);
  const seen = { views: [] };
  const values = (id) => tab.evaluate((one) => [...document.getElementById(one).options].map((option) => option.value), id);
  for (const indicator of await values("indicator")) {
    await tab.selectOption("#indicator", indicator);
    for (const measure of await values("measure")) {
      await tab.selectOption("#measure", measure);
      for (const period of (await values("period")).slice(0, 1)) {
        await tab.selectOption("#period", period);
        await drawn(tab);
        seen.views.push({ indicator, measure, period, sections: await sections(tab), trace: await tab.evaluate(() => document.getElementById("trace")?.textContent ?? null),
          headline: await tab.textContent(".headline") });
        if (folder) await tab.screenshot({ path: `${folder}/${indicator}-${measure}.png`, fullPage: true });
      }
    }
  }
  await tab.reload();
  await drawn(tab);
  seen.sets = [];
  for (const set of await values("set")) {
    await tab.selectOption("#set", set);
    await drawn(tab);
    // The query of the last of its groups, where it has a choice of them.
    const traced = await tab.evaluate((chosen) => {
      const box = document.getElementById("traced");
      const group = [...(box?.options ?? [])].map((one) => one.value).findLast((value) => value.startsWith(`${chosen}=`));
      if (!group) return null;
      box.value = group;
      box.dispatchEvent(new Event("change"));
      return { group: group.slice(chosen.length + 1), query: document.getElementById("trace").textContent };
    }, set);
    seen.sets.push({ set, indicator: await tab.inputValue("#indicator"), measure: await tab.inputValue("#measure"), period: await tab.inputValue("#period"), traced, sections: await sections(tab) });
  }

  // By keyboard alone: past the link, the form's boxes come one after another, and an arrow chooses.
  await tab.reload();
  await drawn(tab);
  const focused = [];
  for (let step = 0; step < 6; step += 1) {
    await tab.keyboard.press("Tab");
    focused.push(await tab.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim()));
  }
  seen.focused = focused;
  await tab.focus("#indicator");
  const before = await tab.textContent("#chosen h2");
  await tab.keyboard.press("ArrowDown");
  await drawn(tab);
  seen.moved = before !== (await tab.textContent("#chosen h2"));
  seen.said = await tab.textContent("#said");

  await tab.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
  await tab.evaluate(axe);
  const report = await tab.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  seen.violations = report.violations.map(({ id, impact, nodes }) => ({ id, impact, places: nodes.slice(0, 3).map((node) => node.target.join(" ")) }));
  seen.passes = report.passes.length;
  seen.title = await tab.title();
  seen.language = await tab.evaluate(() => document.documentElement.lang);
  const width = () => tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  seen.wider = await width();
  await tab.setViewportSize({ width: 400, height: 900 });
  seen.wider_on_a_phone = await width();
  await tab.setViewportSize({ width: 1280, height: 900 });
  await tab.emulateMedia({ media: "print" });
  // What A4 leaves between its margins.
  await tab.setViewportSize({ width: 718, height: 1000 });
  seen.wider_on_paper = await width();
  seen.printed = await tab.evaluate(() => ["choose", "districts", "all"].filter((id) => document.getElementById(id)?.checkVisibility()));
  if (folder) await tab.screenshot({ path: `${folder}/printed.png`, fullPage: true });

  const plain = await open({ javaScriptEnabled: false });
  seen.without_script = await plain.innerText("body");

  seen.outside = asked.filter((url) => !url.startsWith(address) && !url.startsWith("data:"));
  seen.errors = errors;
  console.log(JSON.stringify(seen));
} finally {
  await browser.close();
}
