package dev.herald.config;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The value of every key by its path, as text: what a {@link HeraldConfig} is made of. */
public final class Settings {
    private static final int ORDINAL = 100;

    private final Map<String, String> values;

    Settings(Map<String, String> values) {
        this.values = Map.copyOf(values);
    }

    /** The same settings with some values replaced, as by addresses that are known only at start. */
    public Settings with(Map<String, String> replaced) {
        Map<String, String> merged = new HashMap<>(values);
        merged.putAll(replaced);
        return new Settings(merged);
    }

    public HeraldConfig config() {
        SmallRyeConfig config = new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(values, "settings", ORDINAL))
                .withConverter(Secret.class, ORDINAL, Settings::secret)
                .withMapping(HeraldConfig.class)
                .build();
        return config.getConfigMapping(HeraldConfig.class);
    }

    Map<String, String> values() {
        return values;
    }

    /** An empty one is none. */
    private static @Nullable Secret secret(String value) {
        return value.isEmpty() ? null : new Secret(value);
    }
}
