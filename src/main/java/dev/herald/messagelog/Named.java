package dev.herald.messagelog;

import java.util.List;

/** Messages of one channel that are asked for by what they are known by. */
public record Named(List<Long> seqs, List<Long> ids, List<String> clientMsgNos) {
    public Named {
        seqs = List.copyOf(seqs);
        ids = List.copyOf(ids);
        clientMsgNos = List.copyOf(clientMsgNos);
    }
}
