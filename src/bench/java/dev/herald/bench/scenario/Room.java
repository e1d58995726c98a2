package dev.herald.bench.scenario;

import dev.herald.bench.net.Client;
import dev.herald.model.ChannelKey;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** A channel whose members are all online, and what each of them has received of it. */
final class Room {
    private final List<Member> members = new ArrayList<>();
    private long acked;

    static Room group(String id, List<Client> clients) {
        Room room = new Room();
        ChannelKey key = ChannelKey.group(id);
        clients.forEach(client -> room.join(client, key, key));
        return room;
    }

    static Room pair(Client one, Client other) {
        Room room = new Room();
        room.join(one, person(other), person(other));
        room.join(other, person(one), person(one));
        return room;
    }

    List<Member> members() {
        return members;
    }

    /** Those that a message of one of them goes to. */
    int receivers() {
        return members.size() - 1;
    }

    private void join(Client client, ChannelKey sendsTo, ChannelKey sees) {
        Member member = new Member(this, client, sendsTo);
        members.add(member);
        client.notes().put(sees, member);
    }

    private static ChannelKey person(Client client) {
        return new ChannelKey(client.uid(), ChannelKey.PERSON);
    }

    /** How a delivery stands to those before it. */
    enum Arrival {
        IN_ORDER,
        BEHIND_A_LATER_ONE,
        AGAIN
    }

    static final class Member {
        private final Room room;
        private final Client client;
        private final ChannelKey sendsTo;
        private final BitSet received = new BitSet();
        private long last;
        private long acked;
        private long lastNumber;
        private long lastSeq;

        private Member(Room room, Client client, ChannelKey sendsTo) {
            this.room = room;
            this.client = client;
            this.sendsTo = sendsTo;
        }

        Room room() {
            return room;
        }

        Client client() {
            return client;
        }

        ChannelKey sendsTo() {
            return sendsTo;
        }

        /** @return false if one that was sent before another one is stored behind it, or the other way round */
        boolean acknowledged(long number, long seq) {
            boolean inOrder = acked == 0 || number > lastNumber == seq > lastSeq;
            lastNumber = number;
            lastSeq = seq;
            acked++;
            room.acked++;
            return inOrder;
        }

        Arrival receive(long seq) {
            int place = Math.toIntExact(seq);
            if (received.get(place)) {
                return Arrival.AGAIN;
            }
            received.set(place);
            boolean inOrder = seq > last;
            last = Math.max(last, seq);
            return inOrder ? Arrival.IN_ORDER : Arrival.BEHIND_A_LATER_ONE;
        }

        /** Messages of others that were acknowledged to them and have not come here. */
        long missing() {
            return room.acked - acked - received.cardinality();
        }
    }
}
