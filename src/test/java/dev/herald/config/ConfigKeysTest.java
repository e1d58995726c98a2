package dev.herald.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ConfigKeysTest {
    @Test
    void the_yaml_file_names_every_key_of_the_configuration_and_no_other() {
        Set<String> inYaml = ConfigLoader.settings(Map.of()).values().keySet();

        assertThat(inYaml).isEqualTo(keysOf("", HeraldConfig.class).collect(Collectors.toSet()));
    }

    @Test
    void every_key_has_a_rule() {
        Set<String> inYaml = ConfigLoader.settings(Map.of()).values().keySet();

        assertThat(ConfigRules.BY_KEY.keySet()).isEqualTo(inYaml);
    }

    private static Stream<String> keysOf(String prefix, Class<?> group) {
        return Stream.of(group.getMethods()).flatMap(method -> {
            String path = prefix + kebab(method);
            return method.getReturnType().getPackage() == HeraldConfig.class.getPackage()
                            && method.getReturnType().isInterface()
                    ? keysOf(path + ".", method.getReturnType())
                    : Stream.of(path);
        });
    }

    private static String kebab(Method method) {
        return method.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }
}
