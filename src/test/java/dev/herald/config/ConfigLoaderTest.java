package dev.herald.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigLoaderTest {
    @TempDir
    Path folder;

    @Test
    void the_shipped_defaults_are_valid() {
        HeraldConfig config = ConfigLoader.read(Optional.empty(), Map.of()).config();

        assertThat(config.bind()).isEqualTo("127.0.0.1");
        assertThat(config.http().port()).isEqualTo(5001);
        assertThat(config.ws().port()).isEqualTo(5200);
        assertThat(config.tcp().port()).isEqualTo(5100);
        assertThat(config.management().port()).isEqualTo(5300);
        assertThat(config.presence().lease()).isEqualTo(Duration.ofSeconds(15));
        assertThat(config.client().auth()).isEqualTo(HeraldConfig.Client.Auth.NONE);
    }

    @Test
    void an_empty_text_is_none() {
        HeraldConfig config = ConfigLoader.load(Map.of());

        assertThat(config.postgres().url()).isEmpty();
        assertThat(config.api().token()).isEmpty();
        assertThat(config.webhook().url()).isEmpty();
        assertThat(config.webhook().secret()).isEmpty();
    }

    @Test
    void the_environment_overrides_the_file_and_the_file_the_defaults() throws IOException {
        Path file = yaml("http:\n  port: 6001\nws:\n  port: 6200\n");

        HeraldConfig config = ConfigLoader.read(Optional.of(file), Map.of("HERALD_WS_PORT", "7200"))
                .config();

        assertThat(config.http().port()).isEqualTo(6001);
        assertThat(config.ws().port()).isEqualTo(7200);
        assertThat(config.management().port()).isEqualTo(5300);
    }

    @Test
    void every_name_that_people_script_against_is_known() {
        Map<String, String> promised = Map.ofEntries(
                Map.entry("HERALD_BIND", "0.0.0.0"),
                Map.entry("HERALD_HTTP_PORT", "1"),
                Map.entry("HERALD_WS_PORT", "2"),
                Map.entry("HERALD_TCP_PORT", "3"),
                Map.entry("HERALD_MANAGEMENT_PORT", "4"),
                Map.entry("HERALD_DATA_DIR", "elsewhere"),
                Map.entry("HERALD_POSTGRES_URL", "postgresql://u:p@db:5432/herald"),
                Map.entry("HERALD_REDIS_URL", "redis://:p@cache:6379/1"),
                Map.entry("HERALD_API_TOKEN", "let-me-in"),
                Map.entry("HERALD_CLIENT_AUTH", "token"),
                Map.entry("HERALD_WEBHOOK_URL", "https://example.com/hook"),
                Map.entry("HERALD_WEBHOOK_SECRET", "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"));

        HeraldConfig config = ConfigLoader.read(Optional.empty(), promised).config();

        assertThat(config.bind()).isEqualTo("0.0.0.0");
        assertThat(config.data().dir()).isEqualTo("elsewhere");
        assertThat(config.postgres().url()).contains(new Secret("postgresql://u:p@db:5432/herald"));
        assertThat(config.client().auth()).isEqualTo(HeraldConfig.Client.Auth.TOKEN);
        assertThat(config.webhook().url()).contains("https://example.com/hook");
    }

    @Test
    void a_secret_is_taken_as_it_is_written() throws IOException {
        Path file = yaml("api:\n  token: 0123\nwebhook:\n  timeout: PT2S\n");

        assertThat(ConfigLoader.read(Optional.of(file), Map.of()).config().api().token())
                .contains(new Secret("0123"));
        assertThat(ConfigLoader.load(Map.of("api.token", "a\\,b${c}")).api().token())
                .contains(new Secret("a\\,b${c}"));
    }

    @Test
    void names_a_key_for_a_typo_in_the_file_and_in_the_environment() throws IOException {
        Path file = yaml("http:\n  prot: 6001\nwhatever:\n  really: 1\n");

        assertThat(problems(file, Map.of("HERALD_WS_PROT", "1", "OTHER", "x")))
                .containsExactlyInAnyOrder(
                        "http.prot: is no known key, meant is perhaps http.port",
                        "whatever.really: is no known key",
                        "HERALD_WS_PROT: is no known variable, meant is perhaps HERALD_WS_PORT");
    }

    @Test
    void says_of_a_section_with_a_value_that_it_is_one() throws IOException {
        Path file = yaml("api: 7\n");

        assertThat(problems(file, Map.of()))
                .containsExactly("api: is a section and has no value, only keys of its own");
    }

    @Test
    void a_section_without_keys_changes_nothing() throws IOException {
        Path file = yaml("api:\n#  token: commented-out\n");

        assertThat(ConfigLoader.read(Optional.of(file), Map.of()).config().api().token())
                .isEmpty();
    }

    @Test
    void variables_for_a_kubernetes_service_are_none_of_ours() {
        Map<String, String> links = Map.ofEntries(
                Map.entry("HERALD_SERVICE_HOST", "10.0.0.11"),
                Map.entry("HERALD_SERVICE_PORT", "5001"),
                Map.entry("HERALD_SERVICE_PORT_HTTP", "5001"),
                Map.entry("HERALD_API_SERVICE_HOST", "10.0.0.12"),
                Map.entry("HERALD_PORT", "tcp://10.0.0.11:5001"),
                Map.entry("HERALD_PORT_5001_TCP", "tcp://10.0.0.11:5001"),
                Map.entry("HERALD_PORT_5001_TCP_PROTO", "tcp"),
                Map.entry("HERALD_PORT_5001_TCP_PORT", "5001"),
                Map.entry("HERALD_PORT_5001_TCP_ADDR", "10.0.0.11"));

        assertThat(ConfigLoader.read(Optional.empty(), links).config().http().port())
                .isEqualTo(5001);
    }

    @ParameterizedTest
    @CsvSource({
        "HERALD_PORT, 5001",
        "HERALD_PORT_5001_TCP, 5001",
        "HERALD_PORT_HTTP_TCP, tcp://10.0.0.11:5001",
        "HERALD_SERVICE, herald",
        "HERALD_SERVICE_HOSTS, 10.0.0.11",
    })
    void what_only_looks_like_a_variable_for_a_service_is_unknown(String name, String value) throws IOException {
        assertThat(problems(yaml(""), Map.of(name, value)))
                .singleElement()
                .asString()
                .startsWith(name + ": is no known variable");
    }

    @Test
    void reports_bad_keys_values_and_relations_together() throws IOException {
        Path file = yaml("http:\n  port: many\npresence:\n  max-hold: PT4S\nclient:\n  auht: none\n");

        assertThat(problems(file, Map.of("HERALD_BIND", "0.0.0.0")))
                .containsExactlyInAnyOrder(
                        "client.auht: is no known key, meant is perhaps client.auth",
                        "http.port: must be a whole number from 0 to 65535",
                        "presence.max-hold: must be at least presence.grace",
                        "api.token: must be set when bind is not loopback",
                        "client.auth: must not be none when bind is not loopback");
    }

    @Test
    void says_where_a_file_is_not_yaml_without_quoting_it() throws IOException {
        Path file = yaml("api:\n  token: \"hunter2\n");

        assertThat(problems(file, Map.of())).singleElement().asString().contains("is not YAML in line");
        assertThat(problems(file, Map.of()).toString()).doesNotContain("hunter2");
    }

    @Test
    void refuses_lists_repeats_and_files_that_are_no_tree() throws IOException {
        assertThat(problems(yaml("bind:\n  - 127.0.0.1\n"), Map.of())).containsExactly("bind: must be a single value");
        assertThat(problems(yaml("bind: ::1\nbind: ::1\n"), Map.of()))
                .singleElement()
                .asString()
                .startsWith("bind: stands twice in");
        assertThat(problems(yaml("just a text"), Map.of()))
                .singleElement()
                .asString()
                .endsWith("must be a tree of keys");
        assertThat(problems(folder.resolve("missing.yaml"), Map.of()))
                .singleElement()
                .asString()
                .endsWith("cannot be read as a text file in UTF-8");
    }

    @Test
    void an_empty_file_changes_nothing() throws IOException {
        Path file = yaml("# nothing\n");

        assertThat(ConfigLoader.read(Optional.of(file), Map.of())
                        .config()
                        .http()
                        .port())
                .isEqualTo(5001);
    }

    private List<String> problems(Path file, Map<String, String> environment) {
        ConfigProblems thrown =
                catchThrowableOfType(ConfigProblems.class, () -> ConfigLoader.read(Optional.of(file), environment));
        return thrown.problems().stream().map(Problem::toString).toList();
    }

    private Path yaml(String text) throws IOException {
        return Files.writeString(folder.resolve("herald.yaml"), text);
    }
}
