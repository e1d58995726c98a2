package dev.herald.endpoint;

import static dev.herald.it.Sql.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.herald.config.ConfigLoader;
import dev.herald.config.HeraldConfig;
import dev.herald.endpoint.Endpoint.Format;
import dev.herald.endpoint.Endpoint.Scheme;
import dev.herald.endpoint.Endpoint.Security;
import dev.herald.endpoint.Endpoint.Settings;
import dev.herald.it.Stores;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nodes of one database and the keys that they are given. */
@Timeout(30)
class SharedKeyIT {
    private final Vertx vertx = Vertx.vertx();
    private final PgClients pg = PgClients.open(vertx, Stores.freshPostgres(), 2);

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        await(pg.close().eventually(vertx::close));
    }

    @Test
    void nodes_with_the_same_key_start_side_by_side() {
        await(node(key(1), false).check());
        await(node(key(1), false).check());
    }

    @Test
    void beside_others_one_with_another_key_or_none_does_not() {
        await(node(key(1), false).check());
        refused(node(key(2), false), "is not the key");
        refused(node(Map.of(), false), "is not set");
        await(node(key(1), false).check());
    }

    @Test
    void one_that_is_alone_may_bring_another_as_long_as_nothing_is_sealed() {
        await(node(key(1), true).check());
        await(node(key(2), true).check());
        refused(node(key(1), false), "is not the key");
        seal(key(2));
        refused(node(key(1), true), "is not the key");
        refused(node(Map.of(), true), "is not set");
        await(node(key(2), true).check());
    }

    @Test
    void what_was_sealed_before_keys_were_noted_counts() {
        seal(key(1));
        refused(node(key(2), true), "is not the key");
        await(node(key(1), false).check());
    }

    @Test
    void none_is_made_for_a_start() {
        await(node(Map.of(), false).check());
        assertThat(folder).isEmptyDirectory();
        await(node(Map.of(), false).open());
        assertThat(folder).isDirectoryContaining("glob:**/webhook.key");
        await(node(Map.of(), false).check());
    }

    private LazyVault node(Map<String, String> settings, boolean alone) {
        return new LazyVault(vertx, config(settings), pg.statements(), () -> alone);
    }

    private HeraldConfig config(Map<String, String> settings) {
        return ConfigLoader.load(settings.isEmpty() ? Map.of("data.dir", folder.toString()) : settings);
    }

    private static Map<String, String> key(int first) {
        byte[] key = new byte[32];
        key[0] = (byte) first;
        return Map.of("webhook.key", Base64.getEncoder().encodeToString(key));
    }

    private void seal(Map<String, String> settings) {
        Secrets secrets = Secrets.of(SigningSecret.generate(Scheme.V1));
        Security security =
                new Security(Scheme.V1, List.of(), List.of(), secrets.seal(Vault.open(config(settings)), "one"), null);
        await(new Endpoints(pg)
                .create(
                        "one",
                        new Settings("http://127.0.0.1/", "", Format.STANDARD, List.of(), 1, Duration.ZERO, 1, 0),
                        security,
                        (tx, made) -> Future.succeededFuture(made)));
    }

    private static void refused(LazyVault node, String why) {
        assertThatThrownBy(() -> await(node.check())).hasMessageContaining("webhook.key: " + why);
    }
}
