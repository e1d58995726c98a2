package dev.herald.bench.scenario;

import dev.herald.bench.floor.Appends;
import dev.herald.bench.floor.Bare;
import dev.herald.bench.floor.Echo;
import dev.herald.bench.floor.Inserts;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** All scenarios by name. */
public final class Scenarios {
    private static final Map<String, Supplier<Scenario>> ALL = new LinkedHashMap<>();

    static {
        ALL.put("idle", Idle::new);
        ALL.put("storm", Storm::new);
        ALL.put("return", Returning::new);
        ALL.put("chat", PersonChat::new);
        ALL.put("group", Groups::new);
        ALL.put("fanout", FanOut::new);
        ALL.put("commands", Commands::new);
        ALL.put("mixed", MixedDay::new);
        ALL.put("replay", Replay::new);
        ALL.put("churn", Churn::new);
        ALL.put("webhooks", Webhooks::new);
        ALL.put("online", OnlineQuery::new);
        ALL.put("kill", NodeKill::new);
        ALL.put("floor-echo", () -> new Bare(new Echo(), List.of()));
        ALL.put("floor-idle", () -> new Bare(new Idle(), Bare.GIVES_BACK));
        ALL.put("floor-inserts", Inserts::new);
        ALL.put("floor-appends", Appends::new);
    }

    private Scenarios() {}

    public static Scenario named(String name) {
        Supplier<Scenario> scenario = ALL.get(name);
        if (scenario == null) {
            throw new IllegalArgumentException("no scenario " + name + "; there are " + ALL.keySet());
        }
        return scenario.get();
    }

    public static String help() {
        return "scenarios: " + ALL.keySet() + "; then key=value, see docs/performance.md";
    }
}
