package dev.herald.bench.scenario;

import java.util.LinkedHashMap;
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
