// svelte-check needs the JavaScript interface of TypeScript, which TypeScript 7 no longer has: it gets version 6, which is
// installed beside it under another name.
const Module = require("node:module");
const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  return resolve.call(this, request.replace(/^typescript(?=$|\/)/, "typescript-6"), ...rest);
};
