package dev.herald.fanout.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bus.message.InboxMessage.InboxPage;
import dev.herald.fanout.Inbox;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/** What the readers of one inbox may acknowledge over HTTP, whatever they say: what pulls have given them. */
public final class Claims {
    private final Inbox inbox;
    private final Map<Integer, Long> given = new HashMap<>();

    Claims(Inbox inbox) {
        this.inbox = inbox;
    }

    void gave(int reader, InboxPage page) {
        given.merge(reader, page.more() ? page.entries().getLast().seq() : page.tail(), Math::max);
    }

    /** The highest sequence that counts: what was given, or less if Redis has lost that. */
    OptionalLong most(int reader) {
        OptionalLong noted = inbox.field("given:" + Readers.field(reader));
        noted.ifPresent(seq ->
                assertThat(seq).as("given to reader %d", reader).isLessThanOrEqualTo(given.getOrDefault(reader, -1L)));
        return noted;
    }

    void areRefused(int reader, long seq) {
        OptionalLong before = inbox.field(Readers.field(reader));
        inbox.claim(reader, seq, Long.MAX_VALUE >> 10);
        assertThat(inbox.field(Readers.field(reader)))
                .as("the cursor of reader %d that was given nothing", reader)
                .isEqualTo(before);
    }
}
