package dev.herald.config;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.source.yaml.YamlConfigSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/** Defaults from the jar's {@code conf/herald.yaml}, over them what is given. */
public final class ConfigLoader {
    private ConfigLoader() {}

    /** @param overrides values by key path, such as {@code ws.port} */
    public static HeraldConfig load(Map<String, String> overrides) {
        try {
            SmallRyeConfig config = new SmallRyeConfigBuilder()
                    .withSources(
                            new YamlConfigSource(ConfigLoader.class.getResource("/conf/herald.yaml"), 100),
                            new PropertiesConfigSource(overrides, "overrides", 300))
                    .withConverter(Secret.class, 100, Secret::new)
                    .withMapping(HeraldConfig.class)
                    .build();
            return config.getConfigMapping(HeraldConfig.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
