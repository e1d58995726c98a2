package dev.herald.messaging.roster;

import static dev.herald.it.Sql.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.channel.AccessList;
import dev.herald.channel.ChannelEdit;
import dev.herald.channel.ChannelFlags;
import dev.herald.channel.ChannelInfo;
import dev.herald.channel.Channels;
import dev.herald.channel.ListEdit;
import dev.herald.channel.MemberEdit;
import dev.herald.channel.MemberEdit.Add;
import dev.herald.channel.MemberEdit.Remove;
import dev.herald.channel.MemberEdit.Replace;
import dev.herald.it.ChannelEdits;
import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.messaging.roster.RosterTable.Change;
import dev.herald.messaging.roster.RosterTable.Place;
import dev.herald.messaging.roster.Rosters.Known;
import dev.herald.model.ChannelKey;
import dev.herald.postgres.PgClients;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlClient;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RostersIT {
    private static final ChannelKey GROUP = ChannelKey.group("g1");

    /** More than one page. */
    private static final int MANY = 2 * RosterTable.MOST + 100;

    private final Vertx vertx = Vertx.vertx();
    private final PgClients pg = PgClients.open(vertx, Stores.freshPostgres(), 1);
    private final Sql sql = new Sql(pg.statements());
    private final Channels channels = new Channels(pg, false);
    private final Rosters rosters = new Rosters(pg);

    @AfterEach
    void close() {
        await(vertx.close());
    }

    @Test
    void one_change_of_a_large_group_reads_one_row_of_it() {
        join(MANY);
        Roster before = all(1);
        sql.run("vacuum analyze member");
        long change = rowsReadBy("member", () -> remove("m7"));

        long reads =
                rowsReadBy("member", () -> assertThat(of(2).rosters().get(pk()).members())
                        .hasSize(before.size() - 1)
                        .doesNotContain("m7"));

        assertThat(reads).isEqualTo(1);
        assertThat(change).as("counts rows at all").isPositive();
        assertThat(rowsReadBy("member", () -> {
                    ban();
                    assertThat(of(3).rosters().get(pk()).members()).hasSize(before.size() - 1);
                }))
                .as("a flag is no member")
                .isZero();
    }

    @Test
    void one_change_of_a_long_blacklist_reads_one_row_of_it() {
        list(AccessList.BLACKLIST, new Add(names(MANY)));
        Roster before = all(1);
        assertThat(before.blacklist()).hasSize(MANY);
        sql.run("vacuum analyze listed");

        list(AccessList.BLACKLIST, new Remove(List.of("m7")));
        assertThat(rowsReadBy(
                        "listed", () -> assertThat(of(2).rosters().get(pk()).blacklist())
                                .hasSize(MANY - 1)
                                .doesNotContain("m7")))
                .as("where the list is now")
                .isLessThanOrEqualTo(1);
        list(AccessList.BLACKLIST, new Add(List.of("m7")));
        assertThat(rowsReadBy(
                        "listed", () -> assertThat(of(3).rosters().get(pk()).blacklist())
                                .hasSize(MANY)
                                .contains("m7")))
                .isLessThanOrEqualTo(2);
    }

    @Test
    void a_long_list_that_is_not_known_is_read_beside_what_others_wait_for() {
        list(AccessList.WHITELIST, new Add(names(MANY)));

        assertThat(of(1).loading()).containsExactly(pk());
        list(AccessList.WHITELIST, new Remove(List.of("m7")));
        assertThat(all(2).whitelist()).hasSize(MANY - 1).contains("m8");
    }

    @Test
    void what_a_node_of_the_version_before_takes_off_a_list_is_learned() {
        list(AccessList.BLACKLIST, new Add(List.of("m1", "m2")));
        all(1);

        sql.run("delete from listed where uid = 'm1'");
        sql.run("update channel set revision = revision + 1");

        assertThat(all(2).blacklist()).containsExactly("m2");
    }

    @Test
    void a_large_group_that_is_not_known_is_read_beside_what_others_wait_for() {
        join(MANY);

        Known first = of(1);

        assertThat(first.loading()).containsExactly(pk());
        assertThat(first.rosters()).isEmpty();
        remove("m7");
        Awaitility.await().until(() -> of(2).loading().isEmpty());
        assertThat(of(2).rosters().get(pk()).members()).hasSize(MANY - 1).contains("m8");
    }

    @Test
    void who_waits_for_it_gets_it_whole() {
        join(MANY);

        assertThat(all(1).members()).hasSize(MANY);
    }

    /** Also whoever leaves and comes again, and lists beside members. */
    @Test
    void whatever_changes_the_roster_is_as_the_table_says() {
        Random random = new Random(7);
        change(UnaryOperator.identity(), new Add(List.of("m0")));
        for (int revision = 1; revision < 200; revision++) {
            if (random.nextInt(3) == 0) {
                all(revision());
            }
            List<String> some = random.ints(1 + random.nextInt(5), 0, 12)
                    .mapToObj(n -> "m" + n)
                    .toList();
            switch (random.nextInt(6)) {
                case 0, 1 -> change(UnaryOperator.identity(), new Add(some));
                case 2 -> change(UnaryOperator.identity(), new Remove(some));
                case 3 -> change(UnaryOperator.identity(), new Replace(some));
                case 4 -> list(AccessList.WHITELIST, new Replace(some));
                default -> list(AccessList.BLACKLIST, random.nextBoolean() ? new Add(some) : new Remove(some));
            }
        }

        assertThat(all(revision()))
                .isEqualTo(new Roster(
                        uids("member where until is null"),
                        uids("listed where not allowed"),
                        uids("listed where allowed")));
    }

    @Test
    void of_too_many_changes_for_one_answer_nothing_is_missed() {
        join(10);
        all(1);
        join(MANY);

        assertThat(all(2).members()).hasSize(MANY);
        change(UnaryOperator.identity(), new Replace(List.of("m1")));
        assertThat(all(3).members()).containsExactly("m1");
    }

    @Test
    void says_when_a_change_is_not_whole() {
        join(MANY);

        Change change =
                await(new RosterTable(pg).since(Map.of(pk(), Place.NOTHING))).get(pk());

        assertThat(change.isWhole()).isFalse();
        assertThat(change.members().come()).hasSize(RosterTable.MOST + 1);
    }

    private Known of(long revision) {
        return await(rosters.of(Map.of(pk(), revision)));
    }

    private Roster all(long revision) {
        return await(rosters.all(Map.of(pk(), revision))).get(pk());
    }

    private void join(int count) {
        change(UnaryOperator.identity(), new Add(names(count)));
    }

    private static List<String> names(int count) {
        return IntStream.range(0, count).mapToObj(n -> "m" + n).toList();
    }

    private void remove(String uid) {
        change(UnaryOperator.identity(), new Remove(List.of(uid)));
    }

    private void ban() {
        change(info -> info.with(new ChannelFlags(true, false, false, false, false)), MemberEdit.KEEP);
    }

    private void change(UnaryOperator<ChannelInfo> info, MemberEdit members) {
        await(ChannelEdits.make(channels, GROUP, ChannelEdit.upsert(info, members)));
    }

    private void list(AccessList list, MemberEdit uids) {
        await(ChannelEdits.make(channels, GROUP, ChannelEdit.of(new ListEdit(list, uids))));
    }

    private long pk() {
        return Long.parseLong(sql.value("select pk from channel"));
    }

    private long revision() {
        return Long.parseLong(sql.value("select revision from channel"));
    }

    private Set<String> uids(String from) {
        return Set.copyOf(sql.rows("select uid from " + from));
    }

    private long rowsReadBy(String table, Runnable work) {
        long before = rowsRead(table);
        work.run();
        return rowsRead(table) - before;
    }

    /** As PostgreSQL counts them, when both connections have told what they did. */
    private long rowsRead(String table) {
        for (SqlClient connection : List.of(pg.statements(), pg.transactions())) {
            new Sql(connection).value("select pg_stat_force_next_flush()");
        }
        return Long.parseLong(sql.value(
                "select seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_user_tables where relname = '%s'"
                        .formatted(table)));
    }
}
