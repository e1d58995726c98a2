package dev.herald.command;

import static dev.herald.it.Sql.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.model.ChannelKey;
import dev.herald.model.Payload;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@Timeout(60)
class CommandLogIT {
    private static final NewCommand TO_MEMBERS =
            new NewCommand(ChannelKey.group("g1"), "u1", "no1", Payload.of("first"), new Audience.Members(7, 3, false));

    private PgClients pg;
    private Sql sql;

    @BeforeEach
    void open(Vertx vertx) {
        pg = PgClients.open(vertx, Stores.freshPostgres(), 8);
        sql = new Sql(pg.statements());
    }

    @Test
    void keeps_a_command_and_whom_it_addresses() {
        NewCommand toUsers = new NewCommand(
                new ChannelKey("abc", 8), "u1", "no1", Payload.of("x"), new Audience.Users(List.of("u2", "u3")));

        long members = append(TO_MEMBERS);
        long users = append(toUsers);

        assertThat(
                        sql.rows(
                                "select id, channel_id, channel_type, channel, revision, with_leavers, array_to_string(uids, ',') from cmd order by id"))
                .containsExactly(members + " g1 2 7 3 false null", users + " abc 8 null null false u2,u3");
    }

    @Test
    void keeps_users_once_each_and_in_byte_order() {
        append(new NewCommand(
                new ChannelKey("abc", 8),
                "u1",
                "no1",
                Payload.of("x"),
                new Audience.Users(List.of("b", "\uffee", "B", "\ud83d\ude00", "b", "a"))));
        append(new NewCommand(new ChannelKey("abc", 8), "u1", "no2", Payload.of("x"), new Audience.Users(List.of())));
        append(TO_MEMBERS);

        assertThat(sql.rows("select array_to_string(uids, ','), in_order from cmd order by id"))
                .containsExactly("B,a,b,\uffee,\ud83d\ude00 true", " true", "null false");
    }

    @Test
    void a_repeat_gets_the_id_of_the_first_and_changes_nothing() {
        long first = append(TO_MEMBERS);
        long repeat = append(new NewCommand(
                TO_MEMBERS.channel(), "u1", "no1", Payload.of("second"), new Audience.Members(7, 9, false)));

        assertThat(repeat).isEqualTo(first);
        assertThat(sql.rows("select convert_from(payload, 'UTF8'), revision from cmd"))
                .containsExactly("first 3");
    }

    @Test
    void the_same_number_of_another_sender_or_channel_is_another_command() {
        NewCommand sender = new NewCommand(TO_MEMBERS.channel(), "u2", "no1", Payload.EMPTY, TO_MEMBERS.audience());
        NewCommand channel = new NewCommand(ChannelKey.group("g2"), "u1", "no1", Payload.EMPTY, TO_MEMBERS.audience());

        assertThat(Stream.of(TO_MEMBERS, sender, channel).map(this::append)).doesNotHaveDuplicates();
    }

    @Test
    void repeats_at_the_same_moment_are_one_command() {
        List<Future<Long>> all = Stream.generate(() -> CommandLog.append(pg.transactions(), TO_MEMBERS))
                .limit(20)
                .toList();

        await(Future.join(all));

        assertThat(all.stream().map(Future::result).distinct()).hasSize(1);
        assertThat(sql.value("select count(*) from cmd")).isEqualTo("1");
    }

    private long append(NewCommand command) {
        return await(CommandLog.append(pg.statements(), command));
    }
}
