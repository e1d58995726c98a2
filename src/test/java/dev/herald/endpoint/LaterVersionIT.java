package dev.herald.endpoint;

import static dev.herald.it.Sql.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.endpoint.Endpoint.Format;
import dev.herald.endpoint.Endpoint.Security;
import dev.herald.endpoint.Endpoint.Settings;
import dev.herald.endpoint.Endpoint.State;
import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** During an update the rows of the new version lie beside those of this one. */
@Timeout(30)
class LaterVersionIT {
    private final Vertx vertx = Vertx.vertx();
    private final PgClients pg = PgClients.open(vertx, Stores.freshPostgres(), 2);
    private final Endpoints endpoints = new Endpoints(pg);

    @AfterEach
    void close() {
        await(pg.close().eventually(vertx::close));
    }

    @Test
    void an_endpoint_with_a_constant_that_is_not_known_is_left_alone_and_hides_no_other() {
        List.of("ours", "state", "format", "scheme").forEach(this::create);
        Sql sql = new Sql(pg.statements());
        for (String column : List.of("state", "format", "scheme")) {
            sql.run("alter table webhook_endpoint drop constraint webhook_endpoint_%s_check".formatted(column));
            sql.run("update webhook_endpoint set %s = 'later' where id = '%s'".formatted(column, column));
        }

        List<Endpoint> all = await(endpoints.all());

        assertThat(all)
                .filteredOn(endpoint -> endpoint.state() == State.ACTIVE)
                .extracting(Endpoint::id)
                .containsExactly("ours");
        assertThat(all)
                .filteredOn(endpoint -> endpoint.state() == State.PAUSED)
                .extracting(Endpoint::id)
                .containsExactly("state", "format", "scheme");
    }

    private void create(String id) {
        Settings settings =
                new Settings("http://127.0.0.1/" + id, "", Format.WUKONG, List.of(), 1, Duration.ZERO, 1, 0);
        await(endpoints.create(id, settings, Security.DEFAULT, (tx, made) -> Future.succeededFuture(made)));
    }
}
