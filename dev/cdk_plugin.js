/**
 * The part of the CDK CLI's configuration that cdk.json has no key for: `cdk diff` compares templates.
 *
 * Left alone, it asks CloudFormation for a change set with the default of every parameter, and hides the changes that
 * this change set does not have. A released model is a parameter, by default empty: its endpoint would count as gone.
 * The CLI reads its options before it loads this file, so it is run again. Named in cdk.json by the path from
 * node_modules/aws-cdk/lib, where the CLI looks (docs/decisions/0040).
 */
const { spawnSync } = require("node:child_process");

const ASKS_FOR_A_METHOD = /^(-m|--(method|(no-)?change-?set|change-set-name|parameters|import-existing-resources)\b)/;

/** Tell whether these arguments are a diff that names neither a method nor what only a change set can take. */
function leavesTheMethodOpen(words) {
  return words.includes("diff") && !process.env.CDK_METHOD && !words.some((word) => ASKS_FOR_A_METHOD.test(word));
}

function init() {
  const [node, ...words] = process.argv;
  if (leavesTheMethodOpen(words)) {
    const again = spawnSync(node, [...process.execArgv, ...words, "--method=template"], { stdio: "inherit" });
    process.exit(again.status ?? 1);
  }
}

module.exports = { version: "1", init };
