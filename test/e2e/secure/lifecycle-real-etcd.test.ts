import { describe } from "vitest";
import { Lab } from "../../support/lab.js";
import { realEtcdReason } from "../../support/real-etcd.js";
import { secureClusters, startSecureEtcd } from "../../support/secure-clusters.js";
import { secureLifecycle } from "./lifecycle.js";

const reason = realEtcdReason();

describe.skipIf(reason !== undefined)(`clusters that trust nobody, over real etcds ${reason ?? ""}`, () => {
  secureLifecycle(async () => {
    const secure = await secureClusters();
    const [source, target] = await Promise.all([startSecureEtcd(secure.source), startSecureEtcd(secure.target)]);
    const lab = await Lab.start({ secure, rows: 40, etcds: { source: source.endpoint, target: target.endpoint } });
    return {
      lab,
      secure,
      async close() {
        await lab.close();
        await Promise.all([source.close(), target.close()]);
        await secure.remove();
      },
    };
  });
});
