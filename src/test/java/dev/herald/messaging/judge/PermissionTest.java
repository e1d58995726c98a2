package dev.herald.messaging.judge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.channel.ChannelFlags;
import dev.herald.messaging.Messages;
import dev.herald.messaging.roster.Roster;
import dev.herald.model.ChannelKey;
import dev.herald.model.Reason;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The whole decision against its table (wukong-interfaces section 4.3), for every type and every state there can be. */
class PermissionTest {
    private static final String SENDER = "u1";
    private static final String OTHER = "u2";

    private enum Fact {
        /** Said by the back end. */
        TRUSTED,
        FROM_SYSTEM,
        TO_SYSTEM,
        /** The channel is named after the sender: its own conversation with an agent, its own visitors' channel. */
        OWN,
        SENDER_SEND_BAN,
        SENDER_BAN,
        BAN,
        DISBAND,
        SEND_BAN,
        ALLOW_STRANGER,
        BLACKLISTED,
        MEMBER,
        WHITELIST,
        WHITELISTED,
        PERSON_WHITELIST
    }

    private record Case(int type, Set<Fact> facts) {
        boolean is(Fact fact) {
            return facts.contains(fact);
        }

        boolean isPrivileged() {
            return is(Fact.TRUSTED) || is(Fact.FROM_SYSTEM);
        }

        /** Customer service, info, visitors, agent. */
        boolean isPublic() {
            return Set.of(3, 6, 10, 11).contains(type);
        }

        boolean isPerson() {
            return type == 1;
        }
    }

    private record Row(Predicate<Case> holds, Reason reason) {}

    private static final List<Row> TABLE = List.of(
            new Row(c -> !c.is(Fact.TRUSTED) && c.is(Fact.SENDER_SEND_BAN), Reason.SEND_BAN),
            new Row(c -> !c.is(Fact.TRUSTED) && c.is(Fact.SENDER_BAN), Reason.BAN),
            new Row(c -> !c.isPublic() && !c.isPrivileged() && c.is(Fact.BAN), Reason.BAN),
            new Row(c -> !c.isPublic() && c.is(Fact.DISBAND), Reason.DISBAND),
            new Row(c -> !c.isPublic() && !c.isPrivileged() && c.is(Fact.SEND_BAN), Reason.SEND_BAN),
            new Row(c -> c.type == 3 || c.type == 6, Reason.SUCCESS),
            new Row(c -> (c.type == 10 || c.type == 11) && c.is(Fact.OWN), Reason.SUCCESS),
            new Row(Case::isPrivileged, Reason.SUCCESS),
            new Row(c -> c.isPerson() && c.is(Fact.TO_SYSTEM), Reason.SUCCESS),
            new Row(c -> c.is(Fact.BLACKLISTED), Reason.IN_BLACKLIST),
            new Row(
                    c -> c.isPerson()
                            && c.is(Fact.PERSON_WHITELIST)
                            && !c.is(Fact.ALLOW_STRANGER)
                            && !c.is(Fact.WHITELISTED),
                    Reason.NOT_IN_WHITELIST),
            new Row(Case::isPerson, Reason.SUCCESS),
            new Row(c -> !c.is(Fact.MEMBER) && !c.is(Fact.ALLOW_STRANGER), Reason.NOT_MEMBER),
            new Row(c -> c.is(Fact.WHITELIST) && !c.is(Fact.WHITELISTED), Reason.NOT_IN_WHITELIST),
            new Row(c -> true, Reason.SUCCESS));

    @Test
    void decides_as_the_table_says_in_every_case() {
        cases().forEach(each -> assertThat(decide(each)).as("%s", each).isEqualTo(expected(each)));
    }

    @Test
    void every_row_of_the_table_decides_some_case() {
        List<Row> deciding = cases().map(PermissionTest::row).distinct().toList();

        assertThat(deciding).hasSameSizeAs(TABLE);
    }

    @Test
    void the_back_end_is_stopped_by_the_end_of_a_channel_and_by_nothing_else() {
        assertThat(cases().filter(c -> c.is(Fact.TRUSTED))
                        .map(PermissionTest::decide)
                        .distinct())
                .containsExactlyInAnyOrder(Reason.SUCCESS, Reason.DISBAND);
    }

    private static Reason expected(Case asked) {
        return row(asked).reason();
    }

    private static Row row(Case asked) {
        return TABLE.stream().filter(row -> row.holds.test(asked)).findFirst().orElseThrow();
    }

    /** All that can be: who is on the whitelist makes one, and only two types have owners. */
    private static Stream<Case> cases() {
        Fact[] facts = Fact.values();
        return IntStream.rangeClosed(1, 12).boxed().flatMap(type -> IntStream.range(0, 1 << facts.length)
                .mapToObj(bits -> new Case(type, factsOf(bits)))
                .filter(c -> !c.is(Fact.WHITELISTED) || c.is(Fact.WHITELIST))
                .filter(c -> !c.is(Fact.OWN) || type == 10 || type == 11));
    }

    private static Set<Fact> factsOf(int bits) {
        Set<Fact> facts = EnumSet.noneOf(Fact.class);
        for (Fact fact : Fact.values()) {
            if ((bits >> fact.ordinal() & 1) == 1) {
                facts.add(fact);
            }
        }
        return facts;
    }

    private static Reason decide(Case c) {
        ChannelFlags flags = new ChannelFlags(
                c.is(Fact.BAN), c.is(Fact.DISBAND), c.is(Fact.SEND_BAN), c.is(Fact.ALLOW_STRANGER), false);
        ChannelFlags own = new ChannelFlags(c.is(Fact.SENDER_BAN), false, c.is(Fact.SENDER_SEND_BAN), false, false);
        return new Permission(c.is(Fact.PERSON_WHITELIST))
                .decide(new Circumstances(
                        Messages.of(SENDER, c.is(Fact.TRUSTED), address(c), "c1"),
                        own,
                        c.is(Fact.FROM_SYSTEM),
                        flags,
                        flags,
                        c.is(Fact.TO_SYSTEM),
                        roster(c)));
    }

    private static ChannelKey address(Case c) {
        return switch (c.type) {
            case ChannelKey.AGENT -> new ChannelKey(c.is(Fact.OWN) ? OTHER : "u7@u8", c.type);
            case ChannelKey.VISITORS -> new ChannelKey(c.is(Fact.OWN) ? SENDER : OTHER, c.type);
            default -> new ChannelKey(OTHER, c.type);
        };
    }

    private static Roster roster(Case c) {
        Set<String> whitelist = c.is(Fact.WHITELISTED) ? Set.of(SENDER) : Set.of("u9");
        return new Roster(
                c.is(Fact.MEMBER) ? Set.of(SENDER) : Set.of(),
                c.is(Fact.BLACKLISTED) ? Set.of(SENDER) : Set.of(),
                c.is(Fact.WHITELIST) ? whitelist : Set.of());
    }
}
