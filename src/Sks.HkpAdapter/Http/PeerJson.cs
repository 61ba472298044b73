using System.Net;
using System.Text.Json;
using Sks.Node.Peers;

namespace Sks.HkpAdapter.Http;

/// <summary>The peers in the JSON form of the statistics.</summary>
internal static class PeerJson
{
    /// <summary>Writes the property <c>peers</c>, an array. Times that are not known are left out; what went wrong in words is for the operator alone.</summary>
    /// <remarks>
    /// SKS servers publish each other's addresses. Where servers of our own kind are is between their operators: of them the id is told.
    /// </remarks>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<PeerStatus> peers)
    {
        json.WriteStartArray("peers");
        foreach (PeerStatus peer in peers)
            Write(json, peer);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, PeerStatus peer)
    {
        json.WriteStartObject();
        json.WriteString("name", peer.Name);
        json.WriteString("kind", PeerText.Of(peer.Kind));
        json.WriteBoolean("self", peer.IsSelf);
        json.WriteStartArray("addresses");
        foreach (IPAddress address in peer.Kind == PeerKind.Sks ? peer.Addresses : [])
            json.WriteStringValue(address.ToString());
        json.WriteEndArray();
        WriteTime(json, "lastContact", peer.LastContact);
        if (peer.LastRole is { } role)
            json.WriteString("lastRole", PeerText.Of(role));
        WriteTime(json, "lastSuccess", peer.LastSuccess);
        WriteTime(json, "nextAttempt", peer.NextAttempt);
        json.WriteNumber("sessions", peer.Sessions);
        json.WriteNumber("errors", peer.Errors);
        json.WriteNumber("lastDifferences", peer.LastDifferences);
        json.WriteNumber("differences", peer.Differences);
        json.WriteNumber("recovered", peer.Recovered);
        json.WriteNumber("bytesReceived", peer.BytesReceived);
        json.WriteNumber("bytesSent", peer.BytesSent);
        if (peer.Kind == PeerKind.Modern)
        {
            json.WriteBoolean("connected", peer.IsConnected);
            json.WriteNumber("sent", peer.Sent);
            json.WriteNumber("phantoms", peer.Phantoms);
            json.WriteNumber("policyVersion", peer.PolicyVersion);
        }
        else
        {
            if (peer.Profile is { } profile)
                json.WriteString("profile", profile);
            json.WriteNumber("aliases", peer.Aliases);
            json.WriteNumber("ineffective", peer.Ineffective);
        }

        json.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } known)
            json.WriteString(name, TimeText.Of(known));
    }
}
