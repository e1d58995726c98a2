package dev.herald.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;
import java.net.ConnectException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProblemTest {
    @Test
    void says_nothing_of_an_unexpected_failure() {
        Problem leaky = Problem.of(new IllegalStateException("password=secret"));
        Problem fromPeer = Problem.of(new HeraldException(Failure.INTERNAL, "password=secret"));

        assertThat(leaky).isEqualTo(fromPeer).isEqualTo(new Problem(500, "internal error", false));
    }

    @Test
    void a_store_that_is_away_may_be_asked_again() {
        assertThat(Problem.of(new ConnectException()).status()).isEqualTo(503);
        assertThat(Problem.of(ClosedConnectionException.INSTANCE).status()).isEqualTo(503);
        assertThat(Problem.of(new ConnectionPoolTooBusyException("")).status()).isEqualTo(503);
        assertThat(Problem.of(new TimeoutException()).status()).isEqualTo(504);
        assertThat(Problem.of(new ConnectException()).reply().headers().get("Retry-After"))
                .matches("[123]");
    }

    @ParameterizedTest
    @CsvSource({"57P01,503", "53300,503", "40P01,503", "25006,503", "23505,500", "42601,500", "P0001,500"})
    void tells_passing_errors_of_the_database_from_ours(String sqlState, int status) {
        assertThat(Problem.of(new PgException("text", "ERROR", sqlState, "detail"))
                        .status())
                .isEqualTo(status);
    }
}
