import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** Fails the build when what the browser must fetch before the first page is more than it may be, gzipped. */
export function firstLoad({ mostBytes }: { mostBytes: number }): Plugin {
  return {
    name: "first-load",
    apply: "build",
    generateBundle(_, bundle) {
      const wanted = new Set<string>();
      const visit = (file: string) => {
        const chunk = bundle[file];
        if (!chunk || wanted.has(file)) return;
        wanted.add(file);
        if (chunk.type !== "chunk") return;
        chunk.imports.forEach(visit);
        chunk.viteMetadata?.importedCss.forEach(visit);
      };
      for (const chunk of Object.values(bundle)) {
        // The list of goals is the first page: its code comes along.
        if (chunk.type === "chunk" && (chunk.isEntry || chunk.name === "GoalsPage")) visit(chunk.fileName);
      }
      let bytes = 0;
      for (const file of wanted) {
        const item = bundle[file];
        if (item) bytes += gzipSync(item.type === "chunk" ? item.code : item.source).length;
      }
      this.info(`first load: ${(bytes / 1000).toFixed(1)} kB gzipped in ${wanted.size} files (limit ${mostBytes / 1000} kB)`);
      if (bytes > mostBytes) this.error(`The first load is ${bytes} bytes gzipped; the limit is ${mostBytes}. Split what only some pages need.`);
    },
  };
}
