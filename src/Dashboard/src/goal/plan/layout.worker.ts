import { layOut, type LayoutRequest } from "./layout";

declare const self: DedicatedWorkerGlobalScope;

self.onmessage = (message: MessageEvent<LayoutRequest>) => self.postMessage(layOut(message.data));
