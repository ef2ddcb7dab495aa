// SPDX-License-Identifier: GPL-3.0-or-later
// installer/kubernetes against the published schemas of the kinds it uses, with the patches of its kustomizations applied:
// wrong types and missing fields are found by the schemas' own validators, and a field that none of them reads is unknown.
// MANIFESTS names the folder. Where kubectl is installed, what it makes of each kustomization is checked as well.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { test } from "node:test";
import jsonpatch from "fast-json-patch";
import { parse, parseAllDocuments } from "yaml";

const require = createRequire(import.meta.url);
const manifests = process.env.MANIFESTS;
const overlays = ["base", "infisical", "servicemonitor"];
// Its definition is in the operator's repository alone, in no package.
const withoutSchema = new Set(["secrets.infisical.com/v1alpha1 InfisicalSecret"]);

function modelOf({ apiVersion, kind }) {
  const library = apiVersion.startsWith("monitoring.coreos.com/") ? "@kubernetes-models/prometheus-operator" : "kubernetes-models";
  return require(`${library}/${apiVersion}/${kind}`)[kind];
}

// The value, and in `unread` the path of every field of it that has not been looked at.
function watched(value, at, unread) {
  if (typeof value !== "object" || value === null) return value;
  const copy = Array.isArray(value) ? [] : {};
  for (const [name, item] of Object.entries(value)) {
    copy[name] = watched(item, `${at}/${name}`, unread);
    unread.add(`${at}/${name}`);
  }
  return new Proxy(copy, {
    get(target, name) {
      if (typeof name === "string") unread.delete(`${at}/${name}`);
      return target[name];
    },
  });
}

function problemsOf(resource) {
  const unread = new Set();
  try {
    modelOf(resource).prototype.validate.call(watched(resource, "", unread));
  } catch (error) {
    return [error.message];
  }
  return [...unread].map((at) => `${at} is unknown`);
}

function documents(text) {
  return parseAllDocuments(text, { merge: true }).map((document) => {
    assert.deepEqual(document.errors, []);
    return document.toJS();
  });
}

// What a kustomization stands for: its resources, and the patches that its own list names for them.
function collected(folder) {
  const kustomization = parse(readFileSync(path.join(folder, "kustomization.yaml"), "utf8"));
  const resources = kustomization.resources.flatMap((name) =>
    name.endsWith(".yaml") ? documents(readFileSync(path.join(folder, name), "utf8")) : collected(path.join(folder, name)));
  for (const { target, patch } of kustomization.patches ?? []) {
    const patched = resources.find(({ kind, metadata }) => kind === target.kind && metadata.name === target.name);
    assert.ok(patched, `${target.kind} ${target.name} is there to be patched`);
    jsonpatch.applyPatch(patched, parse(patch), true);
  }
  return resources;
}

function check(resources) {
  for (const resource of resources) {
    if (withoutSchema.has(`${resource.apiVersion} ${resource.kind}`)) continue;
    assert.deepEqual(problemsOf(resource), [], `${resource.kind} ${resource.metadata.name}`);
  }
}

for (const overlay of overlays) {
  const folder = path.join(manifests, overlay);
  test(`${overlay} is what its kinds' schemas want`, () => check(collected(folder)));

  test(`${overlay} gives no flag twice`, () => {
    const { initContainers, containers } = collected(folder).find(({ kind }) => kind === "Deployment").spec.template.spec;
    for (const { args } of [...initContainers, ...containers]) {
      const flags = args.map((argument) => argument.split("=")[0]);
      assert.equal(new Set(flags).size, flags.length, args.join(" "));
    }
  });

  const kubectl = spawnSync("kubectl", ["kustomize", folder], { encoding: "utf8" });
  if (!kubectl.error)
    test(`${overlay} as kubectl makes it`, () => {
      assert.equal(kubectl.status, 0, kubectl.stderr);
      check(documents(kubectl.stdout));
    });
}

test("what is wrong is found", () => {
  const wrong = {
    "/spec/template/spec/containers/0/ports/0/containerPort": "http",
    "/spec/template/spec/containers/0/readinessProbe/periodSecond": 2,
    "/spec/replica": 1,
  };
  for (const [at, value] of Object.entries(wrong)) {
    const deployment = collected(path.join(manifests, "base")).find(({ kind }) => kind === "Deployment");
    assert.deepEqual(problemsOf(deployment), []);
    jsonpatch.applyPatch(deployment, [{ op: "add", path: at, value }]);
    assert.match(problemsOf(deployment).join(), new RegExp(at.split("/").pop()));
  }
});
