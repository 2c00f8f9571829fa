// The licences of the packages that npm has put into a folder: node notices.js FOLDER. For a package
// without a file of its licence what its package.json says; one that says nothing is an error.
// SPDX-License-Identifier: Apache-2.0
'use strict';

const fs = require('fs');
const path = require('path');

/** Folders of all packages below node_modules, those inside of packages too. */
function packagesIn(folder) {
  const modules = path.join(folder, 'node_modules');
  if (!fs.existsSync(modules)) return [];
  const names = fs.readdirSync(modules).filter((name) => !name.startsWith('.')).sort();
  const folders = names.flatMap((name) => {
    const below = path.join(modules, name);
    return name.startsWith('@') ? fs.readdirSync(below).sort().map((own) => path.join(below, own)) :
                                  [below];
  });
  return folders.flatMap((below) => [below, ...packagesIn(below)]);
}

function noticeOf(folder) {
  const files = fs.readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name));
  if (files.length > 0) {
    return files.sort().map((name) => fs.readFileSync(path.join(folder, name), 'utf8')).join('\n');
  }
  const {name, version, license} = JSON.parse(fs.readFileSync(path.join(folder, 'package.json')));
  if (!license) throw new Error(`${folder}: neither a licence file nor a licence in package.json`);
  return `${name} ${version}: licence ${license}\n`;
}

const [root] = process.argv.slice(2);
const folders = packagesIn(root);
if (folders.length === 0) throw new Error(`${root}: no packages`);
for (const folder of folders) {
  const name = path.relative(path.join(root, 'node_modules'), folder);
  process.stdout.write(`==== ${name}\n${noticeOf(folder)}\n`);
}
