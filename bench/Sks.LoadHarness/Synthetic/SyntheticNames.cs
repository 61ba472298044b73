using System.Globalization;

namespace Sks.LoadHarness.Synthetic;

/// <summary>User IDs whose words are as common and as rare as in life: few domains, some given names, many surnames.</summary>
internal static class SyntheticNames
{
    private static readonly string[] GivenNames =
    [
        "Ada", "Alan", "Barbara", "Charles", "Donald", "Edsger", "Frances", "Grace", "Hedy", "Ivan",
        "Joan", "Ken", "Leslie", "Margaret", "Niklaus", "Ole", "Peter", "Radia", "Sophie", "Tony",
    ];

    private static readonly string[] Syllables =
        ["ba", "den", "for", "gil", "hart", "kin", "lo", "mar", "ner", "os", "pe", "ros", "sa", "ter", "ul", "vik"];

    private static readonly string[] Domains =
        ["example.org", "example.com", "example.net", "mail.example.org", "lists.example.net", "uni.example.edu"];

    /// <summary>A user ID with a name and an address of its own.</summary>
    public static string UserId(Random random, int number)
    {
        string given = Pick(random, GivenNames);
        string surname = Pick(random, Syllables) + Pick(random, Syllables) + Pick(random, Syllables);
        surname = char.ToUpperInvariant(surname[0]) + surname[1..];
        string address = string.Create(CultureInfo.InvariantCulture, $"{given}.{surname}{number}@{Pick(random, Domains)}");
        return $"{given} {surname} <{address.ToLowerInvariant()}>";
    }

    private static string Pick(Random random, string[] choices) => choices[random.Next(choices.Length)];
}
