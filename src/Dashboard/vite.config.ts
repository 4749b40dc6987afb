/// <reference types="vitest/config" />
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { compressed } from "./build/compressed";
import { firstLoad } from "./build/firstLoad";

const gateway = process.env.AGENTMESH_SERVER ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react(), tailwindcss(), firstLoad({ mostBytes: 300_000 }), compressed()],
  build: {
    target: "es2022",
    // Nothing becomes a data: URI, which the page's content security policy would refuse.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  worker: { format: "es" },
  server: { proxy: { "/v1": gateway, "/health": gateway } },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
