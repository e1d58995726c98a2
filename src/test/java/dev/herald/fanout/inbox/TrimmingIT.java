package dev.herald.fanout.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.fanout.Inbox;
import dev.herald.fanout.Node;
import dev.herald.model.DeviceFlag;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What acknowledgements take from an inbox. */
@Timeout(60)
@Tag("redis-cluster")
class TrimmingIT {
    private static final String UID = "u1";

    private final Node node = new Node("commands.inbox-bound", "20000");
    private final Inbox inbox = new Inbox(node, UID);

    @AfterEach
    void close() {
        node.close();
    }

    @Test
    void one_device_trims_nothing_that_another_has_not_acknowledged() {
        inbox.open(DeviceFlag.APP);
        inbox.open(DeviceFlag.WEB);
        inbox.append(LongStream.rangeClosed(1, 200).toArray());
        inbox.ack(DeviceFlag.APP, 200, 1_000);
        inbox.ackPull(200, 1_000);
        assertThat(node.inbox(UID)).hasSize(200);

        inbox.ack(DeviceFlag.WEB, 150, 1_000);
        assertThat(node.inbox(UID)).hasSize(66).startsWith("135:135").endsWith("200:200");
        assertThat(inbox.read(150, 10).pointers()).first().isEqualTo(new Pointer(151, 151));
    }

    @Test
    void the_pull_cursor_trims_where_no_device_is_known() {
        inbox.append(LongStream.rangeClosed(1, 100).toArray());
        inbox.ackPull(100, 1_000);
        assertThat(node.inbox(UID)).hasSize(16);
        assertThat(inbox.open(DeviceFlag.APP)).isEqualTo(100);
    }

    @Test
    void an_acknowledged_entry_stays_while_its_command_may_be_appended_again() {
        inbox.append(LongStream.rangeClosed(1, 100).toArray());
        inbox.open(DeviceFlag.APP);
        inbox.ack(DeviceFlag.APP, 100, 50);
        assertThat(node.inbox(UID)).hasSize(51).startsWith("50:50");
        inbox.append(50);
        assertThat(node.inbox(UID)).hasSize(51);

        inbox.append(LongStream.rangeClosed(101, 2_000).toArray());
        inbox.ack(DeviceFlag.APP, 2_000, 50);
        assertThat(node.inbox(UID)).as("as far as an append looks back").hasSize(Inboxes.LOOK_BACK);
    }

    @Test
    void trims_in_portions_and_keeps_numbering() {
        inbox.append(LongStream.rangeClosed(1, 10_000).toArray());
        inbox.open(DeviceFlag.APP);
        inbox.ack(DeviceFlag.APP, 10_000, Long.MAX_VALUE >> 10);
        inbox.ack(DeviceFlag.APP, 10_000, Long.MAX_VALUE >> 10);
        assertThat(node.inbox(UID)).hasSize(16).endsWith("10000:10000");
        inbox.append(10_001);
        assertThat(node.inbox(UID)).endsWith("10001:10001");
    }
}
