//! The states of the United States: their names, their own words in copy (programs, agencies, codes), and their clocks.
//!
//! Letters and names: USPS Publication 28, appendix B. Abbreviations in citations of law: The Bluebook, table T10. Names of Medicaid: each
//! state's own page, as listed on medicaid.gov (State Overviews). Only what is sure is here: a word that isn't named is not reported, and one that
//! several states have is listed at each of them. Clocks: the IANA time zone database, the zones that most people of the state live by.

/// A state, the district, or a territory.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct State {
    /// The two letters of the post.
    pub(super) letters: &'static str,
    /// Its English name.
    pub(super) name: &'static str,
    /// How citations of its law begin, or `""`.
    pub(super) cited: &'static str,
    /// What its Medicaid is called, or `""`.
    pub(super) medicaid: &'static str,
    /// Other names of its own: those in Spanish, then programs, agencies and codes of law.
    pub(super) own: &'static [&'static str],
    /// Its time zones.
    pub(super) zones: &'static [&'static str],
}

macro_rules! states {
    ($($letters:ident $name:literal $cited:literal $medicaid:literal [$($own:literal),*] [$($zone:ident),*];)+) => {
        /// All of them.
        pub(super) static STATES: &[State] = &[$(State {
            letters: stringify!($letters),
            name: $name,
            cited: $cited,
            medicaid: $medicaid,
            own: &[$($own),*],
            zones: &[$($zone),*],
        }),+];
    };
}

const EASTERN: &str = "America/New_York";
const CENTRAL: &str = "America/Chicago";
const MOUNTAIN: &str = "America/Denver";
const ARIZONA: &str = "America/Phoenix";
const PACIFIC: &str = "America/Los_Angeles";
const ALASKA: &str = "America/Anchorage";
const ALEUTIAN: &str = "America/Adak";
const HAWAII: &str = "Pacific/Honolulu";
const ATLANTIC: &str = "America/Puerto_Rico";
const SAMOA: &str = "Pacific/Pago_Pago";
const CHAMORRO: &str = "Pacific/Guam";

states! {
    AL "Alabama" "Ala." "" [] [CENTRAL];
    AK "Alaska" "Alaska" "DenaliCare" ["Denali KidCare"] [ALASKA, ALEUTIAN];
    AS "American Samoa" "" "" ["Samoa Americana"] [SAMOA];
    AZ "Arizona" "Ariz." "AHCCCS" ["Health Care Cost Containment System", "KidsCare"] [ARIZONA, MOUNTAIN];
    AR "Arkansas" "Ark." "" ["ARHOME", "ARKids First"] [CENTRAL];
    CA "California" "Cal." "Medi-Cal" [
        "CalRx", "CalAIM", "CalFresh", "CalWORKs", "CalHOPE", "CalOptima", "CA Bridge", "DHCS", "CDPH", "Department of Health Care Services",
        "Health and Safety Code", "Código de Salud y Seguridad", "Welfare and Institutions Code", "Código de Bienestar e Instituciones",
        "Business and Professions Code"
    ] [PACIFIC];
    CO "Colorado" "Colo." "Health First Colorado" [
        "HCPF", "Department of Health Care Policy and Financing", "Behavioral Health Administration", "C.R.S."
    ] [MOUNTAIN];
    CT "Connecticut" "Conn." "HUSKY Health" ["DMHAS"] [EASTERN];
    DE "Delaware" "Del." "" ["Diamond State Health Plan"] [EASTERN];
    DC "District of Columbia" "D.C." "" ["Distrito de Columbia"] [EASTERN];
    FL "Florida" "Fla." "" ["Florida KidCare"] [EASTERN, CENTRAL];
    GA "Georgia" "Ga." "" ["PeachCare for Kids", "DBHDD", "O.C.G.A."] [EASTERN];
    GU "Guam" "" "" [] [CHAMORRO];
    HI "Hawaii" "Haw." "Med-QUEST" ["Hawái", "Hawai‘i", "QUEST Integration"] [HAWAII];
    ID "Idaho" "Idaho" "" [] [MOUNTAIN, PACIFIC];
    IL "Illinois" "Ill." "" ["ILCS"] [CENTRAL];
    IN "Indiana" "Ind." "" ["Hoosier Healthwise", "Hoosier Care Connect", "Healthy Indiana Plan", "FSSA"] [EASTERN, CENTRAL];
    IA "Iowa" "Iowa" "IA Health Link" ["Hawki"] [CENTRAL];
    KS "Kansas" "Kan." "KanCare" [] [CENTRAL, MOUNTAIN];
    KY "Kentucky" "Ky." "" ["KCHIP"] [EASTERN, CENTRAL];
    LA "Louisiana" "La." "Healthy Louisiana" ["Luisiana", "LaCHIP"] [CENTRAL];
    ME "Maine" "Me." "MaineCare" [] [EASTERN];
    MD "Maryland" "Md." "" ["COMAR", "Behavioral Health Administration"] [EASTERN];
    MA "Massachusetts" "Mass." "MassHealth" ["BSAS", "M.G.L."] [EASTERN];
    MI "Michigan" "Mich." "" ["Míchigan", "Healthy Michigan Plan", "MIChild", "MDHHS"] [EASTERN, CENTRAL];
    MN "Minnesota" "Minn." "" ["MinnesotaCare"] [CENTRAL];
    MS "Mississippi" "Miss." "" ["Misisipi", "MississippiCAN"] [CENTRAL];
    MO "Missouri" "Mo." "MO HealthNet" ["Misuri", "RSMo"] [CENTRAL];
    MT "Montana" "Mont." "" ["Healthy Montana Kids"] [MOUNTAIN];
    NE "Nebraska" "Neb." "" ["Heritage Health"] [CENTRAL, MOUNTAIN];
    NV "Nevada" "Nev." "" ["Nevada Check Up"] [PACIFIC, MOUNTAIN];
    NH "New Hampshire" "N.H." "" ["Nuevo Hampshire", "Nueva Hampshire", "Granite Advantage"] [EASTERN];
    NJ "New Jersey" "N.J." "NJ FamilyCare" ["Nueva Jersey", "N.J.A.C.", "N.J.S.A."] [EASTERN];
    NM "New Mexico" "N.M." "Turquoise Care" ["Nuevo México", "Centennial Care"] [MOUNTAIN];
    NY "New York" "N.Y." "" ["Nueva York", "OASAS", "NYCRR", "Child Health Plus"] [EASTERN];
    NC "North Carolina" "N.C." "NC Medicaid" ["Carolina del Norte", "NCDHHS"] [EASTERN];
    ND "North Dakota" "N.D." "" ["Dakota del Norte"] [CENTRAL, MOUNTAIN];
    MP "Northern Mariana Islands" "" "" ["Islas Marianas del Norte"] [CHAMORRO];
    OH "Ohio" "Ohio" "" ["OhioMHAS"] [EASTERN];
    OK "Oklahoma" "Okla." "SoonerCare" ["ODMHSAS"] [CENTRAL];
    OR "Oregon" "Or." "Oregon Health Plan" ["Oregón"] [PACIFIC, MOUNTAIN];
    PA "Pennsylvania" "Pa." "" ["Pensilvania", "HealthChoices", "DDAP"] [EASTERN];
    PR "Puerto Rico" "P.R." "" [] [ATLANTIC];
    RI "Rhode Island" "R.I." "" ["RIte Care", "RIte Share"] [EASTERN];
    SC "South Carolina" "S.C." "Healthy Connections" ["Carolina del Sur", "DAODAS"] [EASTERN];
    SD "South Dakota" "S.D." "" ["Dakota del Sur"] [CENTRAL, MOUNTAIN];
    TN "Tennessee" "Tenn." "TennCare" ["TDMHSAS"] [CENTRAL, EASTERN];
    TX "Texas" "Tex." "" ["STAR+PLUS", "Health and Safety Code", "Código de Salud y Seguridad"] [CENTRAL, MOUNTAIN];
    UT "Utah" "Utah" "" [] [MOUNTAIN];
    VT "Vermont" "Vt." "Green Mountain Care" ["Dr. Dynasaur"] [EASTERN];
    VI "Virgin Islands" "" "" ["Islas Vírgenes"] [ATLANTIC];
    VA "Virginia" "Va." "Cardinal Care" ["DBHDS"] [EASTERN];
    WA "Washington" "Wash." "Apple Health" ["RCW"] [PACIFIC];
    WV "West Virginia" "W. Va." "" ["Virginia Occidental", "Mountain Health Trust"] [EASTERN];
    WI "Wisconsin" "Wis." "BadgerCare Plus" ["BadgerCare", "ForwardHealth"] [CENTRAL];
    WY "Wyoming" "Wyo." "" [] [MOUNTAIN];
}

impl State {
    /// The state of a name, or of its two letters.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        STATES.iter().find(|state| state.letters == name || state.name.eq_ignore_ascii_case(name))
    }

    /// The state whose own host this is: `www.dhcs.ca.gov`, `health.texas.gov`, `www.state.nj.us`.
    pub(super) fn of_host(host: &str) -> Option<&'static Self> {
        let mut labels = host.trim_end_matches('.').rsplit('.');
        let (top, own) = (labels.next()?, labels.next()?);
        let joined = |name: &str| name.replace(' ', "").eq_ignore_ascii_case(own);
        STATES.iter().find(|state| match top {
            // The Department of Veterans Affairs has the letters of Virginia.
            "gov" if own == "va" => false,
            "gov" => state.letters.eq_ignore_ascii_case(own) || joined(state.name),
            "us" => state.letters.eq_ignore_ascii_case(own),
            _ => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{STATES, State};

    #[test]
    fn each_is_there_once() {
        assert_eq!(STATES.len(), 56);
        for (at, state) in STATES.iter().enumerate() {
            assert_eq!(state.letters.len(), 2);
            assert!(!state.zones.is_empty(), "{}", state.name);
            let others = STATES.iter().skip(at + 1);
            assert!(others.into_iter().all(|other| other.letters != state.letters && other.name != state.name));
            for zone in state.zones {
                assert!(jiff::tz::TimeZone::get(zone).is_ok(), "{zone}");
            }
        }
    }

    #[test]
    fn hosts_of_states_are_known() {
        let letters = |host| State::of_host(host).map(|state| state.letters);
        assert_eq!(letters("www.dhcs.ca.gov"), Some("CA"));
        assert_eq!(letters("calrx.ca.gov"), Some("CA"));
        assert_eq!(letters("health.newmexico.gov"), Some("NM"));
        assert_eq!(letters("www.state.nj.us"), Some("NJ"));
        assert_eq!(letters("www.va.gov"), None);
        assert_eq!(letters("www.medicare.gov"), None);
        assert_eq!(letters("ca.example"), None);
    }
}
